using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Scanner.Catalog;
using Scanner.Commands;
using Scanner.Model;
using Scanner.Terminal;

namespace Scanner;

/// <summary>The program from arguments to exit code.</summary>
internal static partial class Application
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            var root = new RootCommand("""
                Scanner: finds out whether an AWS account's logging is on and delivering, checks it against the CIS benchmark, and runs
                Sigma detections over its events. Read-only. Start with:  scanner scan --from samples/acme
                """)
            {
                ScanCommand.Create(ScanHandler.RunAsync),
                GateCommand.Create(GateHandler.RunAsync),
                DetectCommand.Create(),
                ChecksCommand.Create(),
                QueryCommand.Create(),
                PolicyCommand.Create(),
                RulesCommand.Create(),
                ShardCommand.Create(),
                MergeCommand.Create(),
            };
            // As other programs take it: scanner help scan.
            if (arguments is ["help", ..])
                arguments = [.. arguments[1..], "--help"];
            // .NET puts this sign for bytes that are no UTF-8: the name would lead to another file.
            if (arguments.FirstOrDefault(argument => argument.Contains('\uFFFD', StringComparison.Ordinal)) is { } broken)
                return Fail($"'{SafeText.Line(broken)}' is not UTF-8; name the file or folder in UTF-8");
            root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
            var parsed = root.Parse(ActionInputs.Add(arguments, root, Environment.GetEnvironmentVariable));
            if (parsed.Errors.Count > 0 || LooseOption(parsed) is not null)
            {
                var hint = $"scanner {string.Concat(PathOf(parsed.CommandResult).Select(name => name + " "))}--help";
                return Fail($"{Describe(parsed)} (see: {hint})");
            }
            // Signals are ours to handle: what is known is written first.
            var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, StopSignal.Token);
            return StopSignal.ExitCode ?? code;
        }
        catch (InputException e)
        {
            return Fail(e.Message);
        }
        catch (OperationCanceledException)
        {
            Consoles.Complain($"stopped{(StopSignal.Name is { } by ? " by " + by : "")} before the end; nothing was published");
            return StopSignal.ExitCode ?? ExitCode.BadInput;
        }
#pragma warning disable CA1031 // Whatever it is, it ends in one line and a documented exit code, not in a stack trace.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Failure.Report(e);
        }
    }

    // The whole way to a command: of a nested one the name alone is no command.
    private static IEnumerable<string> PathOf(SymbolResult at)
    {
        var names = new Stack<string>();
        for (SymbolResult? one = at; one is CommandResult { Command: not RootCommand } command; one = one.Parent)
            names.Push(command.Command.Name);
        return names;
    }

    private static string Describe(ParseResult parsed)
    {
        // Of several complaints, what was written and is not known says more than what is missing because of it.
        var unknown = parsed.UnmatchedTokens.FirstOrDefault() ?? LooseOption(parsed);
        if (unknown is null)
            return NotANumber().Replace(parsed.Errors[0].Message, "${option} '${value}' is not a whole number");
        var command = parsed.CommandResult.Command;
        var known = unknown.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(sub => sub.Name);
        return $"'{unknown}' is not known; {Spelling.Suggest(unknown.Split('=')[0], known)}";
    }

    // Where a command takes paths, a misspelled option is taken for one of them.
    private static string? LooseOption(ParseResult parsed) =>
        parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens)
            .Select(token => token.Value).FirstOrDefault(value => OptionWord().IsMatch(value) && !Path.Exists(value));

    [GeneratedRegex(@"^--[a-z][a-z-]*(=|\z)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex OptionWord();

    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for option '(?<option>--[a-z-]+)' as expected type '.*Int32.*\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex NotANumber();

    private static int Fail(string message)
    {
        Consoles.Fail(message);
        return ExitCode.BadInput;
    }
}
