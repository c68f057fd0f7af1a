using CsCheck;
using Scanner.Store.Functions;

namespace Evaluate.Tests;

/// <summary>Filter patterns of CloudWatch Logs, compared by what they find.</summary>
public sealed class LogPatternTests
{
    private const string Trail = "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }";
    private const string Refused = "{ ($.errorCode = \"*UnauthorizedOperation\" || $.errorCode = \"AccessDenied*\") && $.sourceIPAddress != \"delivery.logs.amazonaws.com\" && $.eventName != \"HeadBucket\" }";
    private const string Root = "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }";
    private const string NoMfa = "{ ($.eventName = \"ConsoleLogin\") && ($.additionalEventData.MFAUsed != \"Yes\") && ($.userIdentity.type = \"IAMUser\") && ($.responseElements.ConsoleLogin = \"Success\") }";

    [Theory]
    [InlineData("{($.eventName=StopLogging)||($.eventName=StartLogging)||($.eventName=DeleteTrail)||($.eventName=UpdateTrail)||($.eventName=CreateTrail)}", Trail)]
    [InlineData("{ $.eventName = \"CreateTrail\" || $.eventName = \"UpdateTrail\" || $.eventName = 'DeleteTrail' || ($.eventName = \"StartLogging\" || $.eventName = \"StopLogging\") || $.eventName = \"PutEventSelectors\" }", Trail)]
    [InlineData("{ $.eventSource = cloudtrail.amazonaws.com || $.eventName = *Trail || $.eventName = *Logging }", Trail)]
    [InlineData("", Trail)]
    [InlineData("{($.errorCode=\"*UnauthorizedOperation\")||($.errorCode=\"AccessDenied*\")}", Refused)]
    [InlineData("{ ($.errorCode = *Unauthorized*) || ($.errorCode = AccessDenied*) && ($.eventName != HeadBucket) }", Refused)]
    [InlineData("{($.errorCode=\"*UnauthorizedOperation\")||($.errorCode=\"AccessDenied*\")||($.sourceIPAddress!=\"delivery.logs.amazonaws.com\")||($.eventName!=\"HeadBucket\")}", Refused)]
    [InlineData("{ $.eventType != AwsServiceEvent && $.userIdentity.type = Root && $.userIdentity.invokedBy not exists }", Root)]
    [InlineData("{ $.userIdentity.type = Root }", Root)]
    [InlineData("{($.eventName=\"ConsoleLogin\")&&($.additionalEventData.MFAUsed!=\"Yes\")}", NoMfa)]
    [InlineData("{ $.count > 3 }", "{ $.count >= 5 }")]
    [InlineData("{ $.count >= 3 || $.count < 3 }", "{ $.count = 7 }")]
    [InlineData("{ $.readOnly IS FALSE }", "{ $.readOnly is false && $.eventName = x }")]
    [InlineData("{ $.requestParameters[\"a\"] = 1 }", "{ $.requestParameters.a = 1 }")]
    public void What_says_the_same_or_more_covers(string pattern, string wanted) => Assert.True(Covers([pattern], wanted));

    [Theory]
    [InlineData("{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) }", Trail)]
    [InlineData("{ ($.eventName = CreateTrail) && ($.eventName = UpdateTrail) }", Trail)]
    [InlineData("{ (($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging)) && $.userIdentity.type = Root }", Trail)]
    [InlineData("{ $.eventName = createtrail || $.eventName = UpdateTrail || $.eventName = DeleteTrail || $.eventName = StartLogging || $.eventName = StopLogging }", Trail)]
    [InlineData("{ $.errorCode = \"AccessDenied\" }", Refused)]
    [InlineData("{ $.errorCode = \"UnauthorizedOperation\" || $.errorCode = \"AccessDenied*\" }", Refused)]
    [InlineData("{ $.userIdentity.type = Root && $.userIdentity.invokedBy EXISTS2 }", "", true)]
    [InlineData("{ $.additionalEventData.MFAUsed = \"No\" && $.eventName = ConsoleLogin }", NoMfa)]
    [InlineData("{ $.count > 5 }", "{ $.count >= 5 }")]
    [InlineData("{ $.a != x }", "{ $.a != x || $.a NOT EXISTS }")]
    public void What_says_less_does_not(string pattern, string wanted, bool malformed = false)
    {
        if (malformed)
            Assert.Throws<LogPatternFormatException>(() => LogPatternParser.Parse(pattern));
        else
            Assert.False(Covers([pattern], wanted));
    }

    [Fact]
    public void Filters_cover_together_what_each_covers_in_part()
    {
        Assert.True(Covers(["{ $.eventName = CreateTrail || $.eventName = UpdateTrail }", "{ $.eventName = DeleteTrail }", "{ $.eventName = *Logging }"], Trail));
        Assert.False(Covers(["{ $.eventName = CreateTrail || $.eventName = UpdateTrail }", "{ $.eventName = *Logging }"], Trail));
        Assert.False(Covers([], Trail));
    }

    [Theory]
    [InlineData("StopLogging")]
    [InlineData("[ip, user, ...]")]
    [InlineData("{ $.eventName = %Stop.*% }")]
    [InlineData("{ $.eventName = StopLogging")]
    [InlineData("{ $.eventName }")]
    [InlineData("{ eventName = StopLogging }")]
    [InlineData("{ $.eventName > StopLogging }")]
    [InlineData("{ $.eventName = \"StopLogging }")]
    [InlineData("{ $.eventName = StopLogging } x")]
    [InlineData("{ ($.eventName = StopLogging }")]
    [InlineData("{ $ = 1 }")]
    public void What_is_not_understood_is_said_and_guessed_at_never(string pattern) =>
        Assert.Throws<LogPatternFormatException>(() => LogPatternParser.Parse(pattern));

    [Fact]
    public void No_text_breaks_the_parser() => Gen.String[Gen.Char["{}()$.=!&|<>\"'* aNOTEXISTS%\\\u0000"], 0, 60].Sample(
        text =>
        {
            try
            {
                LogPatternParser.Parse("{" + text);
            }
            catch (LogPatternFormatException error)
            {
                Assert.NotEmpty(error.Message);
            }
        },
        iter: 5_000);

    /// <summary>The oracle tries events that it makes itself, out of the words of the patterns, and shares no code with the comparison.</summary>
    [Fact]
    public void An_answer_of_true_is_refuted_by_no_event_and_one_of_false_by_none_but_an_event_that_is_missed()
    {
        var comparison = Gen.Select(OneOf("a", "b"), OneOf("=", "!="), OneOf("x", "y", "x*", "*y", "*"), (field, sign, value) => (field, sign, value));
        var gen = Gen.Recursive<Node>((depth, self) => depth >= 3
            ? comparison.Select(c => (Node)new Leaf(c.field, c.sign, c.value))
            : Gen.OneOf(
                comparison.Select(c => (Node)new Leaf(c.field, c.sign, c.value)),
                Gen.Select(Gen.Bool, self, self, (and, left, right) => (Node)new Branch(and, left, right))));
        string?[] values = [null, "x", "y", "xy", "xq", "qy", "q", ""];
        var events = values.SelectMany(a => values.Select(b => (a, b))).ToList();
        Gen.Select(gen, gen).Sample(
            (have, want) =>
            {
                var missed = events.Any(e => want.Holds(e.a, e.b) && !have.Holds(e.a, e.b));
                return Covers(["{" + have + "}"], "{" + want + "}") == !missed;
            },
            iter: 3_000);
    }

    private static Gen<string> OneOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static bool? Covers(IEnumerable<string> patterns, string wanted) =>
        LogPatternCoverage.Covers([.. patterns.Select(LogPatternParser.Parse)], LogPatternParser.Parse(wanted));

    private abstract record Node
    {
        public abstract bool Holds(string? a, string? b);
    }

    private sealed record Leaf(string Field, string Sign, string Value) : Node
    {
        public override bool Holds(string? a, string? b)
        {
            var text = Field == "a" ? a : b;
            if (text is null)
                return false;
            var fits = Value switch
            {
                "x*" => text.StartsWith('x'),
                "*y" => text.EndsWith('y'),
                "*" => true,
                _ => text == Value,
            };
            return fits == (Sign == "=");
        }

        public override string ToString() => $" $.{Field}{Sign}\"{Value}\" ";
    }

    private sealed record Branch(bool And, Node Left, Node Right) : Node
    {
        public override bool Holds(string? a, string? b) => And ? Left.Holds(a, b) && Right.Holds(a, b) : Left.Holds(a, b) || Right.Holds(a, b);

        public override string ToString() => $"({Left}{(And ? "&&" : "||")}{Right})";
    }
}
