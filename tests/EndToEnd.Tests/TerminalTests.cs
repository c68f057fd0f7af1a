using Loopback;
using Scanner.Model;
using Scanner.Terminal;
using Spectre.Console;

namespace EndToEnd.Tests;

/// <summary>Terminals as they are: without UTF-8, with colors where they are asked for; and names that no terminal can show.</summary>
public sealed class TerminalTests
{
    [Theory]
    [InlineData(true, "LC_ALL=C")]
    [InlineData(true, "LANG=POSIX")]
    [InlineData(true, "LANG=de_DE.ISO-8859-1@euro")]
    [InlineData(false, "LANG=C.UTF-8")]
    [InlineData(false, "LC_ALL=en_US.utf8 LANG=C")]
    [InlineData(false, "LC_ALL= LANG=")]
    [InlineData(false, "LANG=de_DE")]
    public void The_locale_says_whether_a_terminal_takes_UTF_8(bool isAscii, string environment) => Assert.Equal(isAscii, AsciiTerminal.Is(Variables(environment)));

    [Fact]
    public void Signs_that_are_not_ASCII_become_others_one_for_one()
    {
        const string Table = "╭──┬──╮ │ ok │ ████ … · — ✓ é 🙂";

        Assert.Equal("+--+--+ | ok | #### . - - + ? ?", AsciiTerminal.Encoding.GetString(AsciiTerminal.Encoding.GetBytes(Table)));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(null, "FORCE_COLOR=0")]
    [InlineData(null, "FORCE_COLOR=1 NO_COLOR=1")]
    [InlineData(ColorSystemSupport.Standard, "FORCE_COLOR=1")]
    [InlineData(ColorSystemSupport.TrueColor, "FORCE_COLOR=3")]
    public void Colors_are_forced_where_they_are_asked_for(ColorSystemSupport? colors, string environment) => Assert.Equal(colors, Consoles.ForcedColors(Variables(environment)));

    [Fact]
    public async Task A_folder_whose_path_is_too_long_is_said_and_the_other_logs_are_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "made by a shell");
        var folder = Directory.CreateTempSubdirectory("long").FullName;
        var name = new string('d', 200);
        var (made, output) = await Tools.RunAsync("bash", ["-c", $"cd '{folder}' && echo '{{}}' > a.json && for i in $(seq 25); do mkdir {name} && cd -P {name} || exit 1; done; echo '{{}}' > b.json"], cancellation: TestContext.Current.CancellationToken);
        Assert.True(made == 0, output);

        var logs = LogFiles.Find([folder]);

        Assert.Equal(Path.Combine(folder, "a.json"), Assert.Single(logs.Files).Name);
        Assert.EndsWith("the folder cannot be read: its path is too long", Assert.Single(logs.Missing), StringComparison.Ordinal);
        await Tools.RunAsync("rm", ["-rf", folder], cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Help_is_a_command_too_and_a_name_that_is_no_UTF_8_is_refused()
    {
        var (code, output) = await ScannerProgram.StartAsync(Tools.Repository, ["help", "checks", "list"]);
        var (refused, complaint) = await ScannerProgram.StartAsync(Tools.Repository, ["scan", "--report", "json=r\uFFFD.json"]);

        Assert.Equal(0, code);
        Assert.Contains("--format", output, StringComparison.Ordinal);
        Assert.Equal((2, "scanner: 'json=r\uFFFD.json' is not UTF-8; name the file or folder in UTF-8\n"), (refused, complaint));
    }

    private static Func<string, string?> Variables(string text)
    {
        var all = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return name => all.GetValueOrDefault(name);
    }
}
