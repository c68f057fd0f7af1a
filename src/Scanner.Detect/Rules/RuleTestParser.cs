using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;
using static Scanner.Detect.Rules.RuleYaml;

namespace Scanner.Detect.Rules;

/// <summary>Reads the unit tests of a rule: our custom field <c>tests</c> (checks/README.md, "Detections").</summary>
internal static class RuleTestParser
{
    internal static List<DetectionTest> Read(YamlMappingNode root)
    {
        if (Node(root, "tests") is not { } node)
            return [];
        if (node is not YamlSequenceNode list)
            throw At(node, "'tests' must be a list");
        var tests = new List<DetectionTest>();
        foreach (var item in list.Children)
        {
            if (item is not YamlMappingNode map)
                throw At(item, "a test must be a map with name, event or events, and expect");
            foreach (var key in map.Children.Keys)
            {
                if (Scalar(key) is not ("name" or "event" or "events" or "expect"))
                    throw At(key, $"unknown key '{Scalar(key)}' in a test; it has name, event, events and expect");
            }

            var name = Optional(map, "name") ?? throw At(map, "the test has no 'name'");
            var expect = Node(map, "expect") ?? throw At(map, $"the test '{name}' has no 'expect'");
            int? matches = expect switch
            {
                YamlScalarNode { Value: "match" } => null,
                YamlScalarNode { Value: "no match" } => 0,
                YamlMappingNode { Children.Count: 1 } counted when Node(counted, "matches") is { } count && count.AsNumber() is { } number and >= 0 => (int)number,
                _ => throw At(expect, "'expect' must be 'match', 'no match' or {matches: number}"),
            };
            var one = Node(map, "event");
            var several = Node(map, "events");
            if (one is null == several is null)
                throw At(map, $"the test '{name}' needs either 'event' or 'events'");
            IEnumerable<YamlNode> nodes = one is not null ? [one] : several is YamlSequenceNode { Children.Count: > 0 } events ? events.Children : throw At(several!, "'events' must be a list of events");
            tests.Add(new DetectionTest(name, (int)map.Start.Line, [.. nodes.Select(Event)], matches));
        }

        return tests;

        static JsonObject Event(YamlNode node)
        {
            try
            {
                return YamlValues.ToJson(node) as JsonObject ?? throw At(node, "an event must be a map");
            }
            catch (FormatException e) when (e is not PlacedException)
            {
                throw At(node, e.Message);
            }
        }
    }
}
