using System.CommandLine;
using Scanner.Model;

namespace Scanner.Commands;

/// <summary>
/// The inputs of a GitHub Action, which the runner passes as <c>INPUT_NAME</c> environment variables (upper case, blanks
/// as _, the dash kept). Each input is an option of the command; what the command line says itself goes first.
/// </summary>
internal static class ActionInputs
{
    /// <summary>The arguments with those of the inputs added that the command knows and the arguments do not give.</summary>
    public static string[] Add(string[] arguments, RootCommand root, Func<string, string?> environment)
    {
        if (arguments.Length == 0 || root.Subcommands.FirstOrDefault(command => string.Equals(command.Name, arguments[0], StringComparison.Ordinal)) is not { } command)
            return arguments;
        var all = arguments.ToList();
        if (Value(environment, "arguments") is { } more)
        {
            foreach (var line in more.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                all.Add(OneArgument(line, command));
        }
        // An input with the name of an argument (plan) stands where the command line gives none.
        foreach (var argument in command.Arguments)
        {
            if (root.Parse([.. all]).GetResult(argument) is not { Tokens.Count: > 0 } && Value(environment, argument.Name) is { } value)
                all.Insert(1, value);
        }
        var given = all.Select(argument => argument.Split('=', 2)[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var option in command.Options)
        {
            if (given.Contains(option.Name) || Value(environment, option.Name.TrimStart('-')) is not { } value)
                continue;
            if (option is Option<bool>)
            {
                var isTrue = value.Equals("true", StringComparison.OrdinalIgnoreCase);
                if (!isTrue && !value.Equals("false", StringComparison.OrdinalIgnoreCase))
                    throw new InputException($"the input '{option.Name.TrimStart('-')}' is '{SafeText.Line(value)}'; write true or false");
                all.Add($"{option.Name}={(isTrue ? "true" : "false")}");
                continue;
            }
            foreach (var line in value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                all.Add($"{option.Name}={line}");
        }
        return [.. all];
    }

    // As in a shell, people write an option and its value on one line.
    private static string OneArgument(string line, Command command)
    {
        var words = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && command.Options.Any(option => option.Name == words[0])
            ? throw new InputException($"the input 'arguments' takes one argument a line: write {words[0]}={SafeText.Line(words[1])}, not '{SafeText.Line(line)}'")
            : line;
    }

    private static string? Value(Func<string, string?> environment, string name)
    {
        var upper = name.ToUpperInvariant();
        var value = environment("INPUT_" + upper) ?? environment("INPUT_" + upper.Replace('-', '_'));
        return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
    }
}
