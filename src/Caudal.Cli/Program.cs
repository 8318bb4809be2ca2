using Caudal.Cli;

using var signals = new TerminationSignals();
return await CaudalCommand.RunAsync(args, Terminal.Standard, signals.Token);
