using System.CommandLine;

namespace Caudal.Cli.Cluster;

/// <summary>Which cluster a command works on: the options that all such commands share.</summary>
internal sealed class ClusterOptions
{
    /// <summary>Where a broker listens unless it is told otherwise.</summary>
    public const string DefaultBootstrap = "127.0.0.1:9092";

    private readonly Option<string> _bootstrap = new("--bootstrap-server", "--bootstrap", "-b")
    {
        Description = "A broker of the cluster; several separated by commas.",
        DefaultValueFactory = _ => DefaultBootstrap,
        HelpName = "HOST:PORT",
    };

    private readonly Option<string> _commandConfig = new("--command-config")
    {
        Description = "A file of client properties in Java's .properties format.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log to standard error what the client does." };

    /// <summary>Adds the options to a command. They are good before its name too: <c>caudal -b HOST:PORT topic list</c>.</summary>
    public Command AddTo(Command command)
    {
        command.Options.Add(_bootstrap);
        command.Options.Add(_commandConfig);
        command.Options.Add(_verbose);
        return command;
    }

    /// <summary>Refuses the options where they would mean nothing.</summary>
    public void RefuseOn(Command command)
    {
        foreach (var child in command.Subcommands)
            RefuseOn(child);
        command.Validators.Add(result =>
        {
            foreach (var option in new Option[] { _bootstrap, _commandConfig, _verbose })
            {
                if (result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} before '{command.Name}' means nothing to it.");
            }
        });
    }

    /// <summary>Connects, so that a wrong address shows at once.</summary>
    /// <exception cref="CommandException">No broker answered within a few seconds; the message says why and what to do.</exception>
    public async ValueTask<ClusterConnection> ConnectAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var properties = new ClientProperties();
        if (parsed.GetValue(_commandConfig) is { } file)
            await properties.LoadAsync(file, cancellationToken);
        return await ClusterConnection.OpenAsync(
            parsed.GetRequiredValue(_bootstrap), properties, parsed.GetValue(_verbose), cancellationToken);
    }
}
