using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace Ntm.AppHost.Local;

/// <summary>One line of output, its UTC instant at the front.</summary>
internal sealed record LogLine(int Number, string Text, bool IsError);

/// <summary>The output of one resource: a file with the instant of every line, the last lines in memory, and whoever follows it.</summary>
internal sealed class ResourceLog : IDisposable
{
    private const long Largest = 20_000_000;
    private const int Remembered = 2_000;
    private const int Batch = 500;

    private readonly Lock _gate = new();
    private readonly Masking _masking;
    private readonly Queue<LogLine> _last = new();
    private readonly HashSet<Channel<LogLine>> _readers = [];
    private FileStream _file;
    private int _number;
    private int _lost;
    private bool _closed;

    public ResourceLog(DataFolder data, string resource, Masking masking)
    {
        FilePath = Path.Combine(data.Logs, resource + ".log");
        _masking = masking;
        _file = Open();
    }

    public string FilePath { get; }

    /// <summary>Whoever else wants each line as it comes, for instance the terminal.</summary>
    public Action<string>? Follower { get; set; }

    /// <summary>What the process said last.</summary>
    public string? LastLine { get; private set; }

    /// <summary>A remark of the run itself between the lines of the process.</summary>
    public void Note(string remark) => Append("── " + _masking.Hide(remark), isError: false);

    public async Task TakeAsync(StreamReader output, bool isError)
    {
        while (await output.ReadLineAsync() is { } raw)
        {
            var line = _masking.Hide(raw);
            Append(line, isError);
            if (line.Length > 0)
                LastLine = line;
            Follower?.Invoke(line);
        }
    }

    /// <summary>The remembered lines, then each new one. A reader that is too slow misses lines, as their numbers show.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> ReadAsync(bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var coming = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(Remembered) { FullMode = BoundedChannelFullMode.DropOldest });
        LogLine[] backlog;
        lock (_gate)
        {
            backlog = [.. _last];
            if (follow && !_closed)
                _readers.Add(coming);
            else
                coming.Writer.Complete();
        }

        try
        {
            foreach (var lines in backlog.Chunk(Batch))
                yield return lines;
            while (await coming.Reader.WaitToReadAsync(cancellationToken))
            {
                var lines = new List<LogLine>();
                while (lines.Count < Batch && coming.Reader.TryRead(out var line))
                    lines.Add(line);
                yield return lines;
            }
        }
        finally
        {
            lock (_gate)
                _readers.Remove(coming);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _file.Dispose();
            foreach (var reader in _readers)
                reader.Writer.TryComplete();
        }
    }

    private void Append(string line, bool isError)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            var text = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture) + line;
            Remember(new(++_number, text, isError));
            Write(text);
        }
    }

    private void Remember(LogLine line)
    {
        _last.Enqueue(line);
        if (_last.Count > Remembered)
            _last.Dequeue();
        foreach (var reader in _readers)
            reader.Writer.TryWrite(line);
    }

    private void Write(string text)
    {
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(text + "\n"));
            _lost = 0;
            if (_file.Length <= Largest)
                return;
            var full = _file;
            _file = Open();
            full.Dispose();
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            // A full disk costs lines of the file; a process whose output nobody takes would stand still.
            if (_lost++ == 0)
                Remember(new(++_number, $"{text[..25]}── {FilePath} cannot be written: {reason.Message}", IsError: true));
        }
    }

    private FileStream Open()
    {
        if (File.Exists(FilePath) && new FileInfo(FilePath).Length > Largest)
            File.Move(FilePath, FilePath + ".1", overwrite: true);
        return new(FilePath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }
}
