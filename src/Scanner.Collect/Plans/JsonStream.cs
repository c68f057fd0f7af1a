using System.Text;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>
/// Reads JSON tokens from a stream through one small buffer: a plan of 110 MB is never held whole. Several documents in a
/// row are allowed, since a wrong file often holds some.
/// </summary>
internal ref struct JsonStream
{
    // Modules within modules nest three levels each; Terraform's own limit is what people can bear.
    private const int MostDepth = 512;

    private readonly Stream _stream;
    private readonly int _largest;
    private byte[] _buffer;
    private int _length;
    private int _offset;
    private int _pin;
    private bool _last;
    private Utf8JsonReader _reader;

    /// <summary>Starts reading.</summary>
    /// <param name="stream">UTF-8 without a byte order mark.</param>
    /// <param name="largest">Most bytes of one value that is captured, or of one text.</param>
    public JsonStream(Stream stream, int largest)
    {
        _stream = stream;
        _largest = largest;
        _buffer = new byte[1 << 16];
        _pin = -1;
        _reader = new Utf8JsonReader([], false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MostDepth, AllowMultipleValues = true }));
    }

    public readonly JsonTokenType Type => _reader.TokenType;

    public readonly int Depth => _reader.CurrentDepth;

    /// <summary>Text of a name or a text token; what cannot be a text (half a surrogate pair) is kept as it is written.</summary>
    public readonly string Text => JsonTexts.Of(in _reader);

    /// <summary>Whether the current name or text is this one.</summary>
    public readonly bool Is(ReadOnlySpan<byte> text) =>
        // The reader would throw at half a surrogate pair, which only an escape can write.
        _reader.ValueIsEscaped ? string.Equals(Text, Encoding.UTF8.GetString(text), StringComparison.Ordinal) : _reader.ValueTextEquals(text);

    /// <summary>The next token; false at the end.</summary>
    /// <exception cref="JsonException">The text is no JSON, is too deep, or ends in the middle.</exception>
    public bool Read()
    {
        while (!_reader.Read())
        {
            if (_last)
                return false;
            Fill();
        }
        return true;
    }

    /// <summary>Skips the value that begins at the current token, or that follows the current name.</summary>
    public void Skip()
    {
        if (_reader.TokenType == JsonTokenType.PropertyName)
            Read();
        if (_reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        var depth = _reader.CurrentDepth;
        while (Read())
        {
            if (_reader.CurrentDepth == depth && _reader.TokenType is (JsonTokenType.EndObject or JsonTokenType.EndArray))
                return;
        }
    }

    /// <summary>
    /// The bytes of the value that begins at the current token; the last token of it is then the current one. What no text can be
    /// made of (bytes that are not UTF-8, half a surrogate pair) is replaced, so that whoever reads the value need not expect it.
    /// </summary>
    public byte[] Capture()
    {
        _pin = _offset + (int)_reader.TokenStartIndex;
        Skip();
        var bytes = JsonText.Readable(_buffer.AsMemory(_pin, _offset + (int)_reader.BytesConsumed - _pin)).ToArray();
        _pin = -1;
        return bytes;
    }

    private void Fill()
    {
        var state = _reader.CurrentState;
        var at = _offset + (int)_reader.BytesConsumed;
        var keep = _pin >= 0 ? _pin : at;
        if (keep > 0)
        {
            _buffer.AsSpan(keep, _length - keep).CopyTo(_buffer);
            _length -= keep;
            at -= keep;
            if (_pin >= 0)
                _pin = 0;
        }
        if (_length == _buffer.Length)
        {
            if (_buffer.Length >= _largest)
                throw new JsonException($"a value is larger than {_largest >> 20} MiB");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
        var read = _stream.Read(_buffer, _length, _buffer.Length - _length);
        _length += read;
        _last = read == 0;
        _offset = at;
        _reader = new Utf8JsonReader(_buffer.AsSpan(at, _length - at), _last, state);
    }
}
