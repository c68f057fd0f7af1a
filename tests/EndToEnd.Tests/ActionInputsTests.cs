using System.CommandLine;
using Scanner.Commands;

namespace EndToEnd.Tests;

/// <summary>What the runner hands to a container as <c>INPUT_…</c> becomes options of the command.</summary>
public sealed class ActionInputsTests
{
    [Theory]
    [InlineData("--fail-on", "high")]
    [InlineData("--fail-on=high")]
    public void What_the_command_line_says_goes_before_an_input(params string[] said) =>
        Assert.Equal(["scan", .. said, "--region=r"], Add(["scan", .. said], ("INPUT_FAIL-ON", "low"), ("INPUT_REGION", "r")));

    [Fact]
    public void What_the_input_arguments_says_goes_before_an_input() =>
        Assert.Equal(["scan", "--fail-on=high"], Add(["scan"], ("INPUT_ARGUMENTS", " --fail-on=high \n"), ("INPUT_FAIL-ON", "low")));

    [Fact]
    public void Each_line_of_an_input_is_an_option_of_its_own() =>
        Assert.Equal(["scan", "--region=a", "--region=b c"], Add(["scan"], ("INPUT_REGION", "a\n\n  b c  \n")));

    [Theory]
    [InlineData("true", "--organization=true")]
    [InlineData("TRUE", "--organization=true")]
    [InlineData("false", "--organization=false")]
    [InlineData("  ")]
    public void A_switch_takes_the_word(string value, params string[] expected) =>
        Assert.Equal(["scan", .. expected], Add(["scan"], ("INPUT_ORGANIZATION", value)));

    [Fact]
    public void A_dash_may_be_an_underscore() => Assert.Equal(["scan", "--fail-on=low"], Add(["scan"], ("INPUT_FAIL_ON", "low")));

    [Fact]
    public void An_input_that_another_command_has_is_left_alone()
    {
        Assert.Equal(["other"], Add(["other"], ("INPUT_FAIL-ON", "low")));
        Assert.Equal(["unknown"], Add(["unknown"], ("INPUT_FAIL-ON", "low")));
        Assert.Equal([], Add([], ("INPUT_FAIL-ON", "low")));
    }

    private static string[] Add(string[] arguments, params (string Name, string Value)[] inputs)
    {
        var scan = new Command("scan") { new Option<string>("--fail-on"), new Option<string[]>("--region"), new Option<bool>("--organization") };
        return ActionInputs.Add(arguments, new RootCommand { scan, new Command("other") }, name => inputs.Where(input => input.Name == name).Select(input => input.Value).FirstOrDefault());
    }
}
