using Caudal.Broker.Tests.Support;
using Caudal.Broker.Topics;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Topics;

public class MetadataJournalTests
{
    private static readonly Dictionary<string, string> Settings = new() { ["retention.ms"] = "1" };

    [Fact]
    public async Task What_was_appended_is_there_when_it_is_read_again()
    {
        using var directory = new TemporaryDirectory();
        var (kept, gone) = (Uuid.NewRandom(), Uuid.NewRandom());
        using (var journal = Open(directory))
        {
            await journal.AppendAsync(new MetadataRecord.TopicCreated("kept", kept, 2, Settings));
            await journal.AppendAsync(new MetadataRecord.TopicCreated("gone", gone, 1, new Dictionary<string, string>()));
            await journal.AppendAsync(new MetadataRecord.PartitionsAdded(kept, 5));
            await journal.AppendAsync(new MetadataRecord.TopicDeleted(gone));
            await journal.AppendAsync(new MetadataRecord.BrokerConfigured(true, Settings));
            await journal.AppendAsync(new MetadataRecord.ProducerIdsReserved(1000));
        }

        var image = MetadataJournal.Read(directory.Path).Image;

        var topic = Assert.Single(image.Topics.Values);
        Assert.Equal(("kept", kept, 5, "1"), (topic.Name, topic.Id, topic.Partitions, topic.Configs["retention.ms"]));
        Assert.Equal([gone], image.Deleted);
        Assert.Equal((1000L, "1"), (image.NextProducerId, image.DynamicDefault["retention.ms"]));
    }

    [Fact]
    public async Task A_crash_at_any_byte_of_the_last_record_loses_that_record_only()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, MetadataJournal.FileName);
        long before;
        using (var journal = Open(directory))
        {
            await journal.AppendAsync(new MetadataRecord.TopicCreated("a", Uuid.NewRandom(), 1, Settings));
            before = new FileInfo(path).Length;
            await journal.AppendAsync(new MetadataRecord.TopicCreated("b", Uuid.NewRandom(), 1, Settings));
        }

        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        for (var length = before; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..(int)length], TestContext.Current.CancellationToken);
            using (var journal = Open(directory))
            {
                Assert.Equal(["a"], journal.Image.Topics.Values.Select(t => t.Name));
                await journal.AppendAsync(new MetadataRecord.ProducerIdsReserved(7));
            }

            Assert.Equal(7, MetadataJournal.Read(directory.Path).Image.NextProducerId);
        }
    }

    [Fact]
    public async Task Damage_before_the_end_is_an_error_that_names_file_and_byte()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, MetadataJournal.FileName);
        using (var journal = Open(directory))
        {
            await journal.AppendAsync(new MetadataRecord.ProducerIdsReserved(1));
            await journal.AppendAsync(new MetadataRecord.ProducerIdsReserved(2));
        }

        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[10] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        var error = Assert.Throws<BrokerException>(() => MetadataJournal.Read(directory.Path));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("byte 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_compacted_journal_says_the_same_in_fewer_bytes()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, MetadataJournal.FileName);
        using (var journal = Open(directory))
        {
            var id = Uuid.NewRandom();
            await journal.AppendAsync(new MetadataRecord.TopicCreated("t", id, 1, Settings));
            for (var i = 2; i < 50; i++)
                await journal.AppendAsync(new MetadataRecord.PartitionsAdded(id, i));
            var before = new FileInfo(path).Length;
            await journal.CompactAsync();
            Assert.True(new FileInfo(path).Length < before);
            await journal.AppendAsync(new MetadataRecord.ProducerIdsReserved(3));
        }

        var image = MetadataJournal.Read(directory.Path).Image;

        Assert.Equal(("t", 49, 3L), (image.Topics.Values.Single().Name, image.Topics.Values.Single().Partitions, image.NextProducerId));
    }

    private static MetadataJournal Open(TemporaryDirectory directory)
    {
        var journal = MetadataJournal.Read(directory.Path);
        journal.StartWriting();
        return journal;
    }
}
