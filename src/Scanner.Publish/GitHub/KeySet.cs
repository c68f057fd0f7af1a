using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>
/// A set of finding keys, small enough for the hidden line of an issue: of each key the first 64 bits, eleven
/// characters (<see cref="AcceptedRisk.KeyDigits"/>).
/// </summary>
internal sealed class KeySet
{
    private readonly HashSet<ulong> _keys;

    private KeySet(HashSet<ulong> keys) => _keys = keys;

    /// <summary>The set without members.</summary>
    public static KeySet Empty { get; } = new([]);

    /// <summary>Number of members.</summary>
    public int Count => _keys.Count;

    /// <summary>The set of these keys (<see cref="Finding.Key"/>).</summary>
    public static KeySet Of(IEnumerable<string> keys) => new([.. keys.Select(Shorten)]);

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is anything else.</summary>
    public static KeySet? Parse(string text)
    {
        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            if (bytes.Length % 8 != 0)
                return null;
            var keys = new HashSet<ulong>();
            for (var i = 0; i < bytes.Length; i += 8)
                keys.Add(BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(i)));
            return new KeySet(keys);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Members as <see cref="AcceptedRisk.Key"/> has them.</summary>
    public IEnumerable<string> Digits => _keys.Order().Select(k => k.ToString("x16", CultureInfo.InvariantCulture));

    /// <summary>Whether the key is a member.</summary>
    public bool Contains(string key) => _keys.Contains(Shorten(key));

    /// <summary>Members of this set and of the other.</summary>
    public KeySet Union(KeySet other) => new([.. _keys, .. other._keys]);

    /// <summary>Members of this set that are none of the keys.</summary>
    public KeySet Except(IEnumerable<string> keys)
    {
        var left = new HashSet<ulong>(_keys);
        left.ExceptWith(keys.Select(Shorten));
        return new KeySet(left);
    }

    /// <summary>Members of this set that are not in the other.</summary>
    public KeySet Without(KeySet other) => new([.. _keys.Except(other._keys)]);

    /// <summary>Members that fit: all, or the first of <paramref name="first"/> and then any.</summary>
    public KeySet Limit(int count, IEnumerable<string> first)
    {
        if (_keys.Count <= count)
            return this;
        var kept = new HashSet<ulong>();
        foreach (var key in first.Select(Shorten).Where(_keys.Contains).Concat(_keys.Order()))
        {
            if (kept.Count == count)
                break;
            kept.Add(key);
        }
        return new KeySet(kept);
    }

    /// <summary>Base64url of the members in order.</summary>
    public override string ToString()
    {
        var bytes = new byte[_keys.Count * 8];
        var i = 0;
        foreach (var key in _keys.Order())
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8 * i++), key);
        return Base64Url.EncodeToString(bytes);
    }

    private static ulong Shorten(string key) =>
        ulong.Parse(AcceptedRisk.Shorten(key), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
