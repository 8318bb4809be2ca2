namespace Caudal.Protocol.Tests.Wire;

public sealed class ErrorCodesTests
{
    [Theory]
    [InlineData(ErrorCode.UnknownServerError, -1, "UNKNOWN_SERVER_ERROR", false)]
    [InlineData(ErrorCode.None, 0, "NONE", false)]
    [InlineData(ErrorCode.NotLeaderOrFollower, 6, "NOT_LEADER_OR_FOLLOWER", true)]
    [InlineData(ErrorCode.MessageTooLarge, 10, "MESSAGE_TOO_LARGE", false)]
    [InlineData(ErrorCode.CoordinatorLoadInProgress, 14, "COORDINATOR_LOAD_IN_PROGRESS", true)]
    public void Codes_have_Kafkas_numbers_names_and_retriability(ErrorCode code, short number, string name, bool retriable)
    {
        Assert.Equal(number, (short)code);
        Assert.Equal(name, code.KafkaName());
        Assert.Equal(retriable, code.IsRetriable());
    }

    [Fact]
    public void Every_code_finds_itself()
    {
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            var info = code.Info();
            Assert.Equal(code.ToString(), info.Name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
            Assert.NotEmpty(info.Meaning);
            Assert.NotEmpty(info.Remedy);
        }
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(short.MinValue)]
    [InlineData(short.MaxValue)]
    public void Codes_that_are_not_known_stay_numbers(short number)
    {
        var code = (ErrorCode)number;
        Assert.Equal($"ERROR_{number}", code.KafkaName());
        Assert.False(code.IsRetriable());
        Assert.Contains($"{number}", code.Info().Meaning, StringComparison.Ordinal);
    }
}
