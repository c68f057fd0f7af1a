using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.Collect.Plans.Hcl;

namespace Scanner.Collect.Plans;

/// <summary>Puts a plan's document together: which instances are there before, and which after (gate.md 3.1).</summary>
internal sealed partial class PlanBuilder
{
    private readonly PlanDocument _document;
    private readonly string _file;
    private readonly PlanReadOptions _options;
    private readonly PlanConfiguration _configuration;
    private readonly PlanPlaces _places;
    private readonly AttributeReader _reader;
    private readonly SourceTree? _tree;
    private readonly SecretTexts _secrets = new();
    private readonly List<PlanInstance> _before = [];
    private readonly List<PlanInstance> _after = [];
    private readonly List<string> _incomplete = [];
    private readonly List<string> _notes = [];

    public PlanBuilder(PlanDocument document, string file, PlanReadOptions options)
    {
        _document = document;
        _file = file;
        _options = options;
        _configuration = new PlanConfiguration(document.Configuration, document.Variables);
        var entries = new PlanEntries();
        foreach (var entry in Present())
            entries.Add(entry);
        var partial = document.Errored || document.Complete == false || document.Deferred.Count > 0;
        var resolver = new ReferenceResolver(_configuration, entries, options.Names, partial);
        _tree = options.Source is { } folder ? new SourceTree(folder, _configuration) : null;
        var evaluator = _tree is null ? null : new SourceEvaluator(_tree, _configuration, entries, resolver, partial);
        _reader = new AttributeReader(
            _configuration, resolver, new ReferenceReach(_configuration, entries, resolver, partial),
            evaluator is null ? null : new SourceExpressions(_tree!, evaluator, _configuration), options.Owners);
        _places = new PlanPlaces(_configuration, options.Account, [.. document.Changes, .. document.Prior], key => RegionInSource(evaluator, key));
    }

    public Plan Build()
    {
        var changed = _document.Changes.Select(change => change.FullAddress).ToHashSet(StringComparer.Ordinal);
        var deferred = _document.Deferred.Select(change => change.FullAddress).ToHashSet(StringComparer.Ordinal);
        var prior = _document.Prior.Where(entry => entry.IsManaged).GroupBy(entry => entry.FullAddress, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        foreach (var change in _document.Changes.Where(change => change.IsManaged))
            AddChange(change, prior.GetValueOrDefault(change.FullAddress));
        foreach (var change in _document.Deferred.Where(change => change.IsManaged))
            AddDeferred(change, prior.GetValueOrDefault(change.FullAddress));
        var untouched = 0;
        foreach (var (address, entry) in prior)
        {
            if (changed.Contains(address) || deferred.Contains(address))
                continue;
            untouched++;
            AddPrior(entry);
        }
        if (_document.Errored)
            AddUnplanned();
        Tell(untouched);
        foreach (var value in _configuration.SensitiveVariables)
            _secrets.Take(value);
        return new Plan
        {
            Name = _options.Name ?? _file,
            File = _file,
            Before = Sorted(_before),
            After = Sorted(_after),
            ProviderRegions = _places.Regions,
            ProviderAccounts = _places.Accounts,
            AwsProviderMajor = ProviderMajor(),
            Account = _before.Concat(_after).GroupBy(one => one.Account, StringComparer.Ordinal)
                .OrderByDescending(group => group.Key != Plan.UnknownAccount).ThenByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => group.Key).FirstOrDefault() ?? Plan.UnknownAccount,
            TerraformVersion = _document.TerraformVersion,
            Complete = _document.Complete,
            Errored = _document.Errored,
            RefreshOnly = !_document.Has("resource_changes"),
            Incomplete = _incomplete,
            Notes = _notes,
            Source = _tree is null ? null : new PlanSource(_tree),
            Drifted = _document.Drifted,
            Secrets = _secrets.Found,
        };
    }

    // What references can lead to: everything that is there afterwards, data sources included.
    private IEnumerable<RawChange> Present()
    {
        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var change in _document.Changes.Concat(_document.Deferred))
        {
            changed.Add(change.FullAddress);
            var stays = change.Actions.HasFlag(PlanActions.Create) || !change.Actions.HasFlag(PlanActions.Delete);
            if (stays && change.Deposed is null && change.Deferred is null && !change.Actions.HasFlag(PlanActions.Unknown))
                yield return change;
        }
        foreach (var entry in _document.Prior)
        {
            if (entry.Deposed is null && !changed.Contains(entry.FullAddress))
                yield return entry;
        }
    }

    private void AddChange(RawChange change, RawChange? prior)
    {
        if (change.Before is not null)
            _before.Add(Instance(change, change.Before, change.BeforeSensitive, null));
        else if (prior?.Before is not null)
            _before.Add(Instance(change, prior.Before, prior.BeforeSensitive, null));

        if (change.Actions.HasFlag(PlanActions.Unknown))
        {
            _after.Add(Uncertain(change, $"the plan does something to {change.FullAddress} that this version of Scanner does not know"));
            return;
        }
        if (change.Actions.HasFlag(PlanActions.Create) || (change.Actions & (PlanActions.Delete | PlanActions.Forget)) == PlanActions.None)
            _after.Add(Instance(change, change.After, change.AfterSensitive, () => _reader.After(change)));
        else if (!change.Actions.HasFlag(PlanActions.Delete))
            _after.Add(Instance(change, change.Before, change.BeforeSensitive, null));
    }

    private void AddDeferred(RawChange change, RawChange? prior)
    {
        if ((change.Before ?? prior?.Before) is { } before)
            _before.Add(Instance(change, before, change.BeforeSensitive, null));
        _after.Add(Uncertain(change, $"{change.FullAddress} is deferred: this plan does not say what becomes of it ({change.Deferred})"));
    }

    private void AddPrior(RawChange entry)
    {
        _before.Add(Instance(entry, entry.Before, entry.BeforeSensitive, null));
        // An errored plan did not come to it, or failed at it.
        _after.Add(_document.Errored
            ? Uncertain(entry, $"the plan errored before it told what becomes of {entry.FullAddress}")
            : Instance(entry, entry.Before, entry.BeforeSensitive, null));
    }

    // Resources that are written, and of which an errored plan has nothing at all.
    private void AddUnplanned()
    {
        var seen = _document.Changes.Concat(_document.Prior).Concat(_document.Deferred)
            .Select(entry => PlanAddress.ResourceOf(Names(entry.Parts.Steps), entry.Parts.IsData, entry.Parts.Type, entry.Parts.Name))
            .ToHashSet(StringComparer.Ordinal);
        AddUnplanned(_configuration.Root, [], seen);
    }

    private void AddUnplanned(ConfigModule module, IReadOnlyList<PlanStep> steps, HashSet<string> seen)
    {
        foreach (var (data, resource) in module.Resources)
        {
            var address = PlanAddress.ResourceOf(Names(steps), data, resource.Type, resource.Name);
            if (data || seen.Contains(address) || IsNone(resource))
                continue;
            var entry = new RawChange
            {
                Address = address,
                Parts = new PlanAddress(steps, false, resource.Type, resource.Name, ""),
                IsManaged = true,
            };
            _after.Add(Uncertain(entry, $"the plan errored before it came to {address}"));
        }
        foreach (var call in module.Calls.Values)
            AddUnplanned(call.Module, [.. steps, new PlanStep(call.Name, "")], seen);
    }

    private static bool IsNone(ConfigResource resource) =>
        ConfigExpression.Constant(resource.Count) is { ValueKind: System.Text.Json.JsonValueKind.Number } count && count.TryGetInt32(out var number) && number == 0;

    private PlanInstance Uncertain(RawChange entry, string why)
    {
        var unknown = new PlanUnknown(why, entry.FullAddress);
        return Make(entry, [], () => unknown, why);
    }

    private PlanInstance Instance(RawChange entry, byte[]? values, byte[]? sensitive, Func<PlanValue>? attributes)
    {
        var paths = _secrets.Take(values, sensitive);
        _secrets.TakeNamed(values);
        return Make(entry, paths, attributes ?? (() => PlanJson.Of(values)), null);
    }

    private PlanInstance Make(RawChange entry, IReadOnlyList<string> sensitive, Func<PlanValue> attributes, string? uncertainty)
    {
        var provider = _places.ProviderOf(entry);
        return new PlanInstance(attributes)
        {
            Address = entry.FullAddress,
            PreviousAddress = entry.Previous,
            Type = entry.Type,
            Name = entry.Parts.Name,
            Module = entry.Parts.Module,
            Index = entry.Index,
            Deposed = entry.Deposed,
            Provider = provider,
            Account = _places.AccountOf(entry, provider),
            Region = _places.RegionOf(entry, provider),
            Actions = entry.Actions,
            SensitivePaths = sensitive,
            IsCertain = uncertainty is null,
            Uncertainty = uncertainty,
        };
    }

    private void Tell(int untouched)
    {
        if (_document.Errored)
            _incomplete.Add("terraform plan errored half-way: what it did not come to is unknown");
        if (_document.Deferred.Count > 0)
            _incomplete.Add(string.Create(CultureInfo.InvariantCulture, $"{Count(_document.Deferred.Count, "change is", "changes are")} deferred to a later plan"));
        if (_document.Complete == false && !_document.Errored && untouched > 0 && _document.Has("resource_changes"))
            _incomplete.Add($"partial plan (-target): {Count(untouched, "resource is", "resources are")} taken as unchanged");
        if (_document.ActionInvocations > 0)
            _incomplete.Add($"{Count(_document.ActionInvocations, "action invocation is", "action invocations are")} not judged");
        if (!_document.Has("resource_changes"))
            _notes.Add("this plan changes nothing (-refresh-only)");
        if (_document.Drifted.Count > 0)
            _notes.Add($"{Count(_document.Drifted.Count, "resource was", "resources were")} changed outside Terraform");
    }

    // A provider's region may be a local.
    private string? RegionInSource(SourceEvaluator? evaluator, string provider)
    {
        if (evaluator is null || _tree?.Module([]) is not { } folder || provider.Contains(':', StringComparison.Ordinal))
            return null;
        var alias = provider.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? provider[(dot + 1)..] : null;
        foreach (var block in folder.Providers.Where(block => block.Labels is ["aws"]))
        {
            evaluator.Begin();
            var at = new SourceEnvironment([], folder);
            var name = block.Body.Attributes.TryGetValue("alias", out var given) ? evaluator.Evaluate(given.Expression, at).Scalar?.Text : null;
            if (name == alias && block.Body.Attributes.TryGetValue("region", out var region))
                return evaluator.Evaluate(region.Expression, at).Scalar?.Text;
        }
        return null;
    }

    private static string Count(int count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    private int? ProviderMajor()
    {
        // Since version 6 every regional resource has a region argument; aws_s3_bucket and few others had one before.
        var withRegion = _after.Concat(_before).Where(one => one.Type is "aws_vpc" or "aws_subnet" or "aws_security_group" or "aws_kms_key" or "aws_cloudwatch_log_group"
            or "aws_flow_log" or "aws_lb" or "aws_db_instance" or "aws_instance" or "aws_redshift_cluster" or "aws_lambda_function" or "aws_rds_cluster");
        foreach (var instance in withRegion.Where(one => one.IsCertain).Take(3))
        {
            if (instance.Find("region") is PlanScalar)
                return 6;
        }
        var majors = _configuration.Providers.Values
            .Select(provider => JsonTexts.Of(ConfigModule.Member(provider, "version_constraint")) is { } constraint
                && (JsonTexts.Of(ConfigModule.Member(provider, "full_name"))?.EndsWith("/aws", StringComparison.Ordinal) ?? JsonTexts.Of(ConfigModule.Member(provider, "name")) == "aws")
                ? constraint : null)
            .OfType<string>()
            .Select(constraint => Bound().Match(constraint))
            .Where(match => match.Success)
            .Select(match => int.Parse(match.Groups["major"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture))
            .Distinct().ToList();
        return majors is [var only] ? only : null;
    }

    private static string Names(IReadOnlyList<PlanStep> steps) => string.Join('.', steps.Select(step => $"module.{step.Name}"));

    private static List<PlanInstance> Sorted(List<PlanInstance> instances)
    {
        instances.Sort((one, other) => string.CompareOrdinal(one.Address, other.Address));
        return instances;
    }

    // ~> 5.0, = 5.1.2 and 5.1.2 stay in a major version; >= does not.
    [GeneratedRegex(@"(^|,)\s*(~>|=)?\s*v?(?<major>[0-9]{1,3})\.[0-9.]+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Bound();
}
