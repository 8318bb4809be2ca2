using System.CommandLine;
using System.CommandLine.Parsing;

namespace Caudal.Cli.Cluster;

/// <summary>Checks of command lines beyond the types of values.</summary>
internal static class CommandChecks
{
    /// <summary>Adds a check to a command. It is left out where a value cannot be read at all, which is an error by itself.</summary>
    public static void Check(this Command command, Action<CommandResult> check) => command.Validators.Add(result =>
    {
        try
        {
            check(result);
        }
        catch (InvalidOperationException)
        {
        }
    });

    /// <summary>Refuses values of an option that are too small. The default is not looked at.</summary>
    public static void AtLeast(this CommandResult result, long least, params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
        {
            var value = option switch
            {
                Option<int> number => Given(result, option) ? result.GetValue(number) : null,
                Option<int?> number => result.GetValue(number),
                Option<short?> number => result.GetValue(number),
                Option<long> number => Given(result, option) ? result.GetValue(number) : null,
                Option<long?> number => result.GetValue(number),
                _ => default(long?),
            };
            if (value < least)
                result.AddError($"{option.Name}: at least {least}.");
        }
    }

    /// <summary>Whether an option was given on the command line.</summary>
    public static bool Given(this CommandResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>Lets an argument refuse what looks like an option: a mistyped one would be taken for a value otherwise.</summary>
    public static Argument<T> RefuseOptions<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.StartsWith('-'))
                    result.AddError($"There is no option {token.Value} here.");
            }
        });
        return argument;
    }
}
