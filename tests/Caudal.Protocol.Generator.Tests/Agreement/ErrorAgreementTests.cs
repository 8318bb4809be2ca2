namespace Caudal.Protocol.Generator.Tests.Agreement;

/// <summary>The error table has the codes, names and retriability of Kafka's.</summary>
public sealed class ErrorAgreementTests
{
    [Fact]
    public void Every_error_of_Kafka_is_there_with_its_name_and_retriability()
    {
        var kafkas = File.ReadLines(Path.Combine(Repository.Tests, "Agreement", "kafka-errors.txt")).Where(line => !line.StartsWith('#'));
        var ours = Errors().Select(e => $"{e.Code} {e.Name} {(e.Retriable ? "retriable" : "final")}");
        Assert.Equal(kafkas, ours);
    }

    [Fact]
    public void Every_error_says_what_it_means_and_what_to_do()
    {
        foreach (var error in Errors())
        {
            Assert.Matches("^[A-Z].*\\.$", error.Meaning);
            Assert.Matches("^[A-Z].*\\.$", error.Remedy);
        }
    }

    private static List<ErrorModel> Errors() => Repository.Parse().Single(file => file.File == "errors.kafka").Schema.Errors;
}
