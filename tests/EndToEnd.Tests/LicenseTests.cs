using System.Text.Json;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>The licenses of all that the program carries travel with it.</summary>
public sealed class LicenseTests
{
    private static readonly string Notices = File.ReadAllText(Path.Combine(Tools.Repository, "THIRD-PARTY-NOTICES.txt"));

    [Fact]
    public void Every_package_that_lies_beside_the_program_is_named_with_its_version()
    {
        // What .NET itself says that the program loads: not the lock file, which the notices are written from.
        using var loaded = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "scanner.deps.json")));
        var target = loaded.RootElement.GetProperty("targets").EnumerateObject().Single().Value;
        var packages = target.EnumerateObject()
            .Where(library => loaded.RootElement.GetProperty("libraries").GetProperty(library.Name).GetProperty("type").GetString() == "package"
                && (library.Value.TryGetProperty("runtime", out _) || library.Value.TryGetProperty("runtimeTargets", out _) || library.Value.TryGetProperty("native", out _)))
            .Select(library => library.Name.Replace('/', ' ')).ToList();

        Assert.True(packages.Count > 15, string.Join(", ", packages));
        Assert.All(packages, package => Assert.Matches($@"(?m)^{System.Text.RegularExpressions.Regex.Escape(package)} \((MIT|Apache-2\.0|BSD-[23]-Clause)\)$", Notices));
        Assert.All(new[] { "Stichting DuckDB Foundation", "Giorgi Dalakishvili", "Copyright (c) Amazon Web Services", "Permission is hereby granted", "Neither the name of" }, text => Assert.Contains(text, Notices, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_notices_are_what_the_lock_file_gives()
    {
        var (code, output, error) = await Tools.RunSplitAsync(NeededTools.Node(), [".ci/third-party.mjs"], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, error);
        Assert.True(output == Notices, "THIRD-PARTY-NOTICES.txt is old: node .ci/third-party.mjs > THIRD-PARTY-NOTICES.txt");
    }

    [Fact]
    public void They_are_published_and_go_into_the_image()
    {
        var project = File.ReadAllText(Path.Combine(Tools.Repository, "src/Scanner/Scanner.csproj"));
        var ignored = File.ReadAllLines(Path.Combine(Tools.Repository, ".dockerignore"));

        Assert.Matches("LICENSE;[^\"]*NOTICE;[^\"]*THIRD-PARTY-NOTICES.txt\" CopyToPublishDirectory=", project);
        Assert.Superset(new HashSet<string>(["!LICENSE", "!NOTICE", "!THIRD-PARTY-NOTICES.txt"], StringComparer.Ordinal), ignored.ToHashSet(StringComparer.Ordinal));
    }
}
