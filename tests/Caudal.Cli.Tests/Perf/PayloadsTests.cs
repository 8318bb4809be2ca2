using System.Text;
using System.Text.Json;
using Caudal.Cli.Perf;

namespace Caudal.Cli.Tests.Perf;

public class PayloadsTests
{
    [Fact]
    public void Random_values_differ_and_have_their_size()
    {
        var values = Payloads.CreateRandom(100);

        Assert.Equal(1024, values.Length);
        Assert.All(values, value => Assert.Equal(100, value.Length));
        Assert.Equal(1024, values.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void Json_values_are_objects_of_their_size() => Assert.All(Payloads.CreateJson(200), value =>
    {
        Assert.Equal(200, value.Length);
        var json = JsonDocument.Parse(value).RootElement;
        Assert.Equal(["id", "user", "amount", "currency", "note"], json.EnumerateObject().Select(p => p.Name));
        Assert.StartsWith("u-", json.GetProperty("user").GetString());
    });

    [Fact]
    public void A_json_value_is_never_cut() => Assert.All(Payloads.CreateJson(1), value => Assert.NotNull(JsonDocument.Parse(value)));

    [Fact]
    public void Keys_are_numbered()
    {
        Assert.Empty(Payloads.CreateKeys(0));
        Assert.Equal(["key-0", "key-1"], Payloads.CreateKeys(2).Select(Encoding.ASCII.GetString));
    }

    [Fact]
    public void Every_run_has_the_same_values() => Assert.Equal(Payloads.CreateRandom(10), Payloads.CreateRandom(10));
}
