using Caudal.Cli;

return await CaudalCommand.RunAsync(args, Terminal.Standard);
