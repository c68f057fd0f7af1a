using Scanner.Model;
using Scanner.Publish.Actions;
using Spectre.Console;

namespace Scanner.Terminal;

/// <summary>Chooses between a terminal's bars and colors and a log's plain lines.</summary>
internal static class Consoles
{
    /// <summary>Width of tables where there is no terminal to ask.</summary>
    private const int LogWidth = 140;

    public static bool InActions => string.Equals(Environment.GetEnvironmentVariable("GITHUB_ACTIONS"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Says on standard error what is wrong, in one line.</summary>
    public static void Complain(string message) => Console.Error.WriteLine("scanner: " + SafeText.LogLine(message));

    /// <summary>Says what ends the run or is lost by it: in Actions on the run's page too, where nobody reads the log first.</summary>
    public static void Fail(string message)
    {
        Complain(message);
        if (InActions)
            Console.Out.WriteLine(Annotations.Failure(message));
    }

    /// <summary>Writes a text of unknown origin as one line, not broken at the width: a second line could begin with a workflow command.</summary>
    public static void WriteLine(IAnsiConsole console, string text) => console.Profile.Out.Writer.WriteLine(SafeText.LogLine(text));

    public static IAnsiConsole Create(TextWriter writer)
    {
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) };
        if (ForcedColors(Environment.GetEnvironmentVariable) is { } colors)
            (settings.Ansi, settings.ColorSystem) = (AnsiSupport.Yes, colors);
        var console = AnsiConsole.Create(settings);
        if (Console.IsOutputRedirected)
            console.Profile.Width = LogWidth;
        return console;
    }

    /// <summary>The colors that <c>FORCE_COLOR</c> asks for (force-color.org: 1, 2, 3 for 16, 256 or all), also off a terminal; null where it does not, or NO_COLOR says no.</summary>
    /// <param name="environment">Environment variables.</param>
    internal static ColorSystemSupport? ForcedColors(Func<string, string?> environment) =>
        environment("FORCE_COLOR") is not { Length: > 0 } forced || forced is "0" or "false" || !string.IsNullOrEmpty(environment("NO_COLOR")) ? null
        : forced switch { "3" => ColorSystemSupport.TrueColor, "2" => ColorSystemSupport.EightBit, _ => ColorSystemSupport.Standard };

    public static Task<T> WithProgressAsync<T>(IAnsiConsole console, Func<IProgressSink, Task<T>> work) =>
        Console.IsOutputRedirected || InActions
            ? work(new PlainProgress(Console.Out))
            : LiveProgress.RunAsync(console, work);
}
