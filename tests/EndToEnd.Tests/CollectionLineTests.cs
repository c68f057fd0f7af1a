using Scanner.Model;
using Scanner.Terminal;

namespace EndToEnd.Tests;

/// <summary>What a log is told while accounts are read: a line each ten seconds, whatever their number.</summary>
public sealed class CollectionLineTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void A_log_gets_a_line_each_ten_seconds_with_totals_pace_and_what_is_waited_for()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var progress = new PlainProgress(output, _clock);

        for (var second = 0; second <= 25; second++)
        {
            progress.Report(new CollectionProgress
            {
                Tables = second * 100,
                AllTables = 5_000,
                Accounts = second / 10,
                AllAccounts = 500,
                Calls = second * 410,
                Questions = second < 5 ? [] : [("iam", 0, 40), ("s3", 12_000 - (second * 100), second * 100), ("lambda", 6_000 - (second * 15), second * 15)],
            });
            _clock.Pass(TimeSpan.FromSeconds(1));
        }
        var end = new CollectionProgress { Tables = 5_000, AllTables = 5_000, Accounts = 500, AllAccounts = 500, Calls = 99_000, Questions = [] };
        progress.Report(end);
        progress.Report(end);

        Assert.Equal(
            """
            Collecting: 0 of 500 accounts, 0 of 5,000 tables
            Collecting: 1 of 500 accounts, 1,000 of 5,000 tables, 4,100 calls, 410 a second; slowest is lambda, with 5,850 answers to come, at least 7 min more
            Collecting: 2 of 500 accounts, 2,000 of 5,000 tables, 8,200 calls, 410 a second; slowest is lambda, with 5,700 answers to come, at least 6 min more
            Collecting: 500 of 500 accounts, 5,000 of 5,000 tables, 99,000 calls, 3,808 a second

            """, output.ToString());
    }

    [Fact]
    public void One_account_goes_by_its_name_and_no_name_begins_a_command_of_the_workflow()
    {
        var line = new CollectionLine(_clock).Of(new CollectionProgress { Tables = 1, AllTables = 2, Accounts = 0, AllAccounts = 1, Account = "acme\n::error::prod", Calls = 0, Questions = [] });

        Assert.StartsWith("Collecting: acme", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.EndsWith("1 of 2 tables", line, StringComparison.Ordinal);
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
