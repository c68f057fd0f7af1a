using Loopback;
using Scanner.Aws.Models;
using Scanner.Catalog;
using Scanner.Collect.Tables;
using Scanner.Commands;
using Scanner.Model;

namespace EndToEnd.Tests;

/// <summary><c>checks new</c>: what it writes passes its tests, and what is there already stays as it is.</summary>
public sealed class NewFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("new");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_new_table_check_and_detection_pass_their_tests()
    {
        await WroteAsync("checks/tables/aws_cloudformation_stack.yml", "table", "aws_cloudformation_stack");
        await WroteAsync("checks/cloudformation-stack-named.yml", "check", "cloudformation-stack-named");
        await WroteAsync("checks/kms-key-turns.yml", "check", "kms-key-turns");
        await WroteAsync("checks/detections/trail-renamed.yml", "detection", "trail-renamed");
        await WroteAsync("mine/tables/my_trails.yml", "table", "my_trails", "--service", "cloudtrail", "--folder", "mine");

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["checks", "test", "checks"]);
        Assert.Equal((0, "2 checks and 1 detections: 9 passed, 0 failed"), (code, output.Trim()));
        var (alone, said) = await ScannerProgram.RunAsync(_folder.FullName, ["checks", "test", "mine"]);
        Assert.Equal(0, alone);
        Assert.Contains("1 table: every service, operation, parameter and member in it is AWS's", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'tabel' is not a kind of file; it is table, check, detection", "tabel", "x")]
    [InlineData("'../aws_x' is a path, which may lead outside checks", "table", "../aws_x")]
    [InlineData("'/tmp/x' is a path, which may lead outside checks", "check", "/tmp/x")]
    [InlineData("'Aws_Trail' is not a name for a table", "table", "Aws_Trail")]
    [InlineData("'kms_key' is not a name for a check", "check", "kms_key")]
    [InlineData("there is a table 'aws_kms_key' already (checks/tables/aws_kms_key.yml)", "table", "aws_kms_key")]
    [InlineData("there is a table 'aws_account' already", "table", "aws_account", "--service", "sts")]
    [InlineData("there is a check 'kms-key-rotation' already (checks/cis/kms-key-rotation.yml)", "check", "kms-key-rotation")]
    [InlineData("there is a detection 'root-console-login' already", "detection", "root-console-login")]
    [InlineData("--service 'clodtrail' is not a service that Scanner can read; did you mean 'cloudtrail'?", "table", "aws_x", "--service", "clodtrail")]
    [InlineData("'sqss' of 'aws_sqss_queue' is not a service that Scanner can read; name one with --service (did you mean 'sqs'?)", "table", "aws_sqss_queue")]
    [InlineData("there is no table of cloudformation to ask; write one first", "check", "cloudformation-stack-named")]
    public async Task What_cannot_be_written_is_one_line_and_nothing_is(string message, params string[] arguments)
    {
        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["checks", "new", .. arguments]);

        Assert.Equal(2, code);
        Assert.StartsWith("scanner: " + message, Assert.Single(output.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task A_file_that_is_there_stays_as_it_is()
    {
        var tables = _folder.CreateSubdirectory("checks").CreateSubdirectory("tables").FullName;
        var file = Path.Combine(tables, "aws_cloudformation_stack.yml");
        await File.WriteAllTextAsync(file, "# mine, and not finished\n", TestContext.Current.CancellationToken);

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["checks", "new", "table", "aws_cloudformation_stack"]);

        Assert.Equal((2, "scanner: checks/tables/aws_cloudformation_stack.yml exists; give another name"), (code, output.Trim()));
        Assert.Equal("# mine, and not finished\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_link_does_not_lead_out_of_the_folder()
    {
        var elsewhere = _folder.CreateSubdirectory("elsewhere");
        Directory.CreateSymbolicLink(Path.Combine(_folder.CreateSubdirectory("checks").FullName, "tables"), elsewhere.FullName);

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["checks", "new", "table", "aws_cloudformation_stack"]);

        Assert.Equal(2, code);
        Assert.Contains("checks/tables is a link", output, StringComparison.Ordinal);
        Assert.Empty(elsewhere.EnumerateFileSystemInfos());
    }

    [Fact]
    public void Every_service_gets_a_table_that_its_model_holds()
    {
        var catalog = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks", "tables")], BuiltInTables.All);
        var without = new List<string>();
        foreach (var service in ServiceModel.Services)
        {
            var name = "aws_" + service.Replace('-', '_') + "_thing";
            string text;
            try
            {
                text = NewTable.Text(name, service, catalog);
            }
            catch (InputException)
            {
                without.Add(service);
                continue;
            }
            File.WriteAllText(Path.Combine(_folder.FullName, name + ".yml"), text);
        }
        // Each operation of the one wants to be told the account; the other lists nothing.
        Assert.Equal(["s3control", "sts"], without.Intersect(ServiceModel.ReadByTables, StringComparer.Ordinal));
        // Of the others few: those in which nothing is listed without a parent.
        Assert.True(without.Count < ServiceModel.Others.Count / 8, string.Join(' ', without));
        var tables = CatalogLoader.Load([_folder.FullName], []).Tables.Values.ToList();
        Assert.Equal(ServiceModel.Services.Count - without.Count, tables.Count);
        Assert.All(tables, TableValidator.Check);
    }

    [Theory]
    [InlineData("aws_ec2_instance_type", "ec2", "DescribeInstanceTypes", "InstanceTypes")]
    [InlineData("aws_sns_topic", "sns", "ListTopics", "Topics")]
    [InlineData("aws_cloudfront_distribution", "cloudfront", "ListDistributions", "DistributionList.Items")]
    [InlineData("aws_backup_vault", "backup", "ListBackupVaults", "BackupVaultList")]
    [InlineData("aws_iam_policy", "iam", "ListPolicies", "Policies")]
    public void The_operation_is_the_one_that_the_name_says(string name, string service, string operation, string items)
    {
        var text = NewTable.Text(name, service, CatalogLoader.Load([Path.Combine(Tools.Repository, "checks", "tables")], []));

        Assert.Contains($"  operation: {operation}\n  items: {items}\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TrailARN", "trail_arn")]
    [InlineData("S3BucketName", "s3_bucket_name")]
    [InlineData("KmsKeyId", "kms_key_id")]
    [InlineData("DBInstanceIdentifier", "db_instance_identifier")]
    [InlineData("isEnabled", "is_enabled")]
    public void A_member_is_a_column_as_the_tables_write_it(string member, string column) => Assert.Equal(column, NewTable.Column(member));

    [Theory]
    [InlineData("cloudtrail", "cloudtrail.amazonaws.com")]
    [InlineData("ecr", "ecr.amazonaws.com")]
    [InlineData("elbv2", "elasticloadbalancing.amazonaws.com")]
    [InlineData("cloudwatch", "monitoring.amazonaws.com")]
    [InlineData("sesv2", "ses.amazonaws.com")]
    public void A_detection_names_the_service_as_CloudTrail_does(string service, string source) =>
        Assert.Contains($"eventSource: {source}\n", NewDetection.Text("x", service), StringComparison.Ordinal);

    private async Task WroteAsync(string path, params string[] arguments)
    {
        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["checks", "new", .. arguments]);
        Assert.True(code == 0, output);
        Assert.StartsWith($"Wrote {path}. ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.FullName, path)));
    }
}
