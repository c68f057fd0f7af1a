using Loopback;
using Scanner;
using Scanner.Commands;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Store;

namespace EndToEnd.Tests;

/// <summary>Mistakes that people make, in the program's own process: what is wrong, what may be meant, exit code 2.</summary>
public sealed class MistakeTests : IDisposable
{
    // Standard error is the process's own: one test at a time puts its writer there.
    private static readonly SemaphoreSlim Turn = new(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mistake");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("--regions 'eu-wst-1' is not an AWS region; did you mean 'eu-west-1'?", "scan", "--regions", "us-east-1,eu-wst-1")]
    [InlineData("no check or detection has the id 'iam-root-mfaa'; did you mean 'iam-root-mfa'?", "scan", "--from", "samples/acme", "--only", "iam-root-mfaa")]
    [InlineData("there is no check, detection or table 'root'; it is in the name of iam-root-access-key, iam-root-hardware-mfa, iam-root-mfa, ", "checks", "show", "root")]
    [InlineData("there is no check, detection or table 'aws_s3_buckt'; did you mean 'aws_s3_bucket'?", "checks", "show", "aws_s3_buckt")]
    [InlineData("--accounts with several accounts needs --role-name", "scan", "--accounts", "111122223333,444455556666")]
    [InlineData("--since says how far back events are read, and no --events are", "scan", "--since", "1h")]
    [InlineData("there is no such file or folder; did you mean 'lookup'?", "scan", "--events", "lookups")]
    [InlineData("--max-issues 'many' is not a whole number", "scan", "--max-issues", "many")]
    [InlineData("'--severity' is not known", "detect", "samples/acme/events", "--severity", "high")]
    [InlineData("'--form=text' is not known; did you mean '--format'?", "detect", "samples/acme/events", "--form=text")]
    public async Task Says_what_is_wrong_and_what_may_be_meant(string message, params string[] arguments)
    {
        var (code, error) = await RunAsync([.. arguments.Select(one => one.StartsWith("samples/", StringComparison.Ordinal) ? Path.Combine(Tools.Repository, one) : one)]);

        Assert.Equal(2, code);
        Assert.Contains(message, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("severty: low", "severity: low", "a.yml:3: unknown key 'severty'; did you mean 'severity'?")]
    [InlineData("tabels: [aws_account]", "tables: [aws_account]", "a.yml:4: unknown key 'tabels'; did you mean 'tables'?")]
    [InlineData("as account_id, regn,", "as account_id, region,", "Referenced column \"regn\" not found in FROM clause!; Candidate bindings: \"region\"")]
    [InlineData("as account_id, regn,", "as account_id, region,", "aws_account has account_id, region, resource_id, id, ")]
    public async Task A_misspelled_check_is_told_the_word(string wrong, string right, string message)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "a.yml"), """
            id: my-a
            title: A
            severity: low
            tables: [aws_account]
            query: select id as account_id, region, resource_id, 'pass' as status, 'x' as message from aws_account
            """.Replace(right, wrong, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var error = Assert.Throws<InputException>(() =>
        {
            var folders = new CatalogFolders([_folder.FullName]);
            using var evaluator = new CheckEvaluator(folders.Catalog, proven: folders.IsShipped);
            evaluator.Validate([folders.Catalog.Checks["my-a"]]);
        });

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select acount_id from aws_vpc", "Referenced column \"acount_id\" not found in FROM clause!; Candidate bindings: \"account_id\"")]
    [InlineData("select 1 from aws_vpcs", "Table with name aws_vpcs does not exist!; Did you mean \"aws_vpc\"?")]
    public void A_query_is_told_what_there_is(string sql, string message)
    {
        using var store = ScanStore.InMemory(new CatalogFolders([]).Catalog.Tables.Values);

        var error = Assert.Throws<InputException>(() => store.Query(sql, _ => { }, _ => { }, cancellation: TestContext.Current.CancellationToken));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mute_of_a_check_that_does_not_exist_is_said()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "m.yml"), "mutes:\n- {check: iam-root-mfaa, reason: r, expires: 2027-01-01}\n- {check: iam-root-mfa, reason: r, expires: 2027-01-01}\n- {check: 's3-*', reason: r, expires: 2027-01-01}\n");

        var note = Assert.Single(new CatalogFolders([_folder.FullName]).IdleMutes());

        Assert.EndsWith("m.yml:2: the mute of 'iam-root-mfaa' mutes nothing: there is no such check or detection; did you mean 'iam-root-mfa'?", note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INPUT_FAIL-ON-UNKNOWN", "yes", "the input 'fail-on-unknown' is 'yes'; write true or false")]
    [InlineData("INPUT_ARGUMENTS", "--only x", "the input 'arguments' takes one argument a line: write --only=x, not '--only x'")]
    public void An_input_of_the_Action_is_named(string name, string value, string message)
    {
        var root = new System.CommandLine.RootCommand { ScanCommand.Create((_, _) => Task.FromResult(0)) };

        var error = Assert.Throws<InputException>(() => ActionInputs.Add(["scan"], root, input => input == name ? value : null));

        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("us-gov-west-1", true)]
    [InlineData("eusc-de-east-1", true)]
    [InlineData("sa-west-1", true)]
    [InlineData("global", false)]
    [InlineData("us-east-1a", false)]
    [InlineData("useast1", false)]
    public void A_region_is_known_by_its_form_so_that_newer_ones_are_taken(string name, bool isRegion)
    {
        Assert.Equal(isRegion, AwsPartition.IsRegionName(name));
        Assert.All(AwsPartition.All.SelectMany(partition => partition.Regions), region => Assert.True(AwsPartition.IsRegionName(region), region));
    }

    [Fact]
    public async Task A_table_is_shown_with_its_columns()
    {
        var (code, error) = await RunAsync(["checks", "show", "aws_cloudtrail_trail"], out var output);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("| `is_logging` | bool |", output.ToString(), StringComparison.Ordinal);
    }

    private static Task<(int Code, string Error)> RunAsync(string[] arguments) => RunAsync(arguments, out _);

    private static Task<(int Code, string Error)> RunAsync(string[] arguments, out StringWriter output)
    {
        var written = output = new StringWriter();
        return RunAsync(arguments, written);
    }

    private static async Task<(int Code, string Error)> RunAsync(string[] arguments, StringWriter output)
    {
        await Turn.WaitAsync(TestContext.Current.CancellationToken);
        var (before, error) = ((Console.Out, Console.Error), new StringWriter());
        Console.SetOut(output);
        Console.SetError(error);
        try
        {
            return (await Application.RunAsync(arguments), error.ToString());
        }
        finally
        {
            Console.SetOut(before.Out);
            Console.SetError(before.Error);
            Turn.Release();
        }
    }
}
