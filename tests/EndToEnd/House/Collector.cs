using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Ntm.EndToEnd;

/// <summary>Takes whatever telemetry a house sends; while somebody keeps it, it is kept as it came, by signal.</summary>
public sealed partial class Collector : IDisposable
{
    private readonly HttpListener listener = new();
    private Received? kept;

    public Collector()
    {
        Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{House.FreePort()}");
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        _ = Task.Run(TakeAsync);
    }

    public string Address { get; }

    /// <summary>What comes from now on, until it is disposed of.</summary>
    public Received Keep() => kept = new(this);

    public void Dispose() => listener.Close();

    private async Task TakeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // The house is gone.
                return;
            }

            // The texts in a protobuf message are plain UTF-8.
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            kept?.Add(context.Request.Url!.AbsolutePath, await reader.ReadToEndAsync());
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }

    public sealed partial class Received(Collector collector) : IDisposable
    {
        private readonly Dictionary<string, StringBuilder> signals = new(StringComparer.Ordinal);

        public Dictionary<string, string> BySignal()
        {
            lock (signals) return signals.ToDictionary(r => r.Key, r => r.Value.ToString(), StringComparer.Ordinal);
        }

        public bool Holds(string signal, string text)
        {
            lock (signals) return signals.TryGetValue(signal, out var content) && content.ToString().Contains(text, StringComparison.Ordinal);
        }

        public string Tell()
        {
            lock (signals)
            {
                return string.Join('\n', signals.Select(r =>
                    $"{r.Key}: {r.Value.Length} characters with {string.Join(' ', Paths().Matches(r.Value.ToString()).Select(m => m.Value).Distinct(StringComparer.Ordinal).Take(40))}"));
            }
        }

        public void Dispose() => collector.kept = null;

        internal void Add(string signal, string body)
        {
            lock (signals)
            {
                if (!signals.TryGetValue(signal, out var content)) signals[signal] = content = new();
                content.Append(body).Append('\n');
            }
        }

        [GeneratedRegex("/api/[a-z/{}:]+")]
        private static partial Regex Paths();
    }
}
