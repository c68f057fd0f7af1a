using System.CommandLine;

using Scanner.CommandLine;
using Scanner.Model;

namespace Scanner;

/// <summary>The program from arguments to exit code.</summary>
internal static class Application
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
                ScanCommand.Create((options, cancellation) => Task.FromResult(0)),
            };
            var parsed = root.Parse(ActionInputs.Add(arguments, root, Environment.GetEnvironmentVariable));
            if (parsed.Errors.Count > 0)
            {
                var hint = parsed.CommandResult.Command is RootCommand ? "scanner --help" : $"scanner {parsed.CommandResult.Command.Name} --help";
                return Fail($"{parsed.Errors[0].Message} (see: {hint})");
            }
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (InputException e)
        {
            return Fail(e.Message);
        }
        catch (OperationCanceledException)
        {
            return Fail("stopped before the end; nothing was published");
        }
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine("scanner: " + Safe.LogLine(message));
        return ExitCode.BadInput;
    }
}
