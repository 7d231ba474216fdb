using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Simkeeper.Server.Hosting;

/// <summary>Writes answers: UTF-8 JSON with its length, built in one buffer of the thread.</summary>
internal static class JsonAnswer
{
    /// <summary>Escapes only what JSON itself demands, so that URLs and activation codes stay readable.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    /// <summary>Answers with the JSON that <paramref name="write"/> writes.</summary>
    public static Task WriteAsync<T>(
        HttpResponse response, int status, T value, Action<Utf8JsonWriter, T> write, string contentType = "application/json")
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        var body = Render(value, write);
        response.ContentLength = body.Length;
        response.BodyWriter.Write(body);
        return response.BodyWriter.FlushAsync().AsTask();
    }

    /// <summary>Answers with JSON that holds a secret: nobody on its way may keep it.</summary>
    public static Task WriteSecretAsync<T>(HttpResponse response, int status, T value, Action<Utf8JsonWriter, T> write)
    {
        response.Headers.CacheControl = "no-store";
        return WriteAsync(response, status, value, write);
    }

    /// <summary>Answers with problem details (RFC 9457), where no API is there to answer in its own shape.</summary>
    public static Task WriteProblemAsync(HttpResponse response, int status, string title, string code, string detail) =>
        WriteAsync(response, status, (status, title, code, detail), static (json, problem) =>
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", problem.title);
            json.WriteNumber("status", problem.status);
            json.WriteString("detail", problem.detail);
            json.WriteString("code", problem.code);
            json.WriteEndObject();
        }, "application/problem+json");

    /// <summary>The bytes, valid until the thread renders its next answer.</summary>
    public static ReadOnlySpan<byte> Render<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4096);
        var json = _json ??= new Utf8JsonWriter(buffer, Options);
        buffer.ResetWrittenCount();
        json.Reset(buffer);
        write(json, value);
        json.Flush();
        return buffer.WrittenSpan;
    }

    /// <summary>RFC 3339 UTC in whole seconds, as both dialects write times.</summary>
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
