namespace Caudal.Storage.Tests;

public sealed class LeaderEpochsTests
{
    [Fact]
    public void Gaps_answer_with_the_epoch_below()
    {
        var epochs = new LeaderEpochs();
        epochs.Assign(2, 10);
        epochs.Assign(5, 20);
        Assert.Equal((1, 10L), epochs.EndOf(1, 30));
        Assert.Equal((2, 20L), epochs.EndOf(2, 30));
        Assert.Equal((2, 20L), epochs.EndOf(4, 30));
        Assert.Equal((5, 30L), epochs.EndOf(5, 30));
        Assert.Equal((-1, -1L), epochs.EndOf(6, 30));
    }

    [Fact]
    public void A_later_word_about_the_same_offsets_wins()
    {
        var epochs = new LeaderEpochs();
        epochs.Assign(0, 0);
        epochs.Assign(1, 5);
        epochs.Assign(2, 5);
        Assert.Equal([new LeaderEpochs.Entry(0, 0), new LeaderEpochs.Entry(2, 5)], epochs.Entries.ToArray());
    }

    [Fact]
    public void Truncation_moves_the_epoch_that_holds_the_start()
    {
        var epochs = new LeaderEpochs();
        epochs.Assign(0, 0);
        epochs.Assign(1, 5);
        epochs.Assign(2, 9);
        epochs.TruncateBefore(7);
        Assert.Equal([new LeaderEpochs.Entry(1, 7), new LeaderEpochs.Entry(2, 9)], epochs.Entries.ToArray());
        epochs.TruncateFrom(9);
        Assert.Equal([new LeaderEpochs.Entry(1, 7)], epochs.Entries.ToArray());
    }
}
