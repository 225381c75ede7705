using System.Security.Cryptography;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Ntm.Central.Feed;
using Ntm.Central.V1;

namespace Ntm.Central.Tests;

public sealed class ResumeTokenTests
{
    private static readonly FeedSecret Secret = FeedSecret.Make();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void A_token_gives_its_position_back(long position)
    {
        Assert.True(ResumeToken.TryRead(Secret, ResumeToken.Write(Secret, position), out var read));
        Assert.Equal(position, read);
    }

    [Fact]
    public void A_token_with_any_bit_changed_is_refused()
    {
        var token = ResumeToken.Write(Secret, 4711);
        for (var bit = 0; bit < token.Length * 8; bit++)
        {
            var changed = (byte[])token.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(ResumeToken.TryRead(Secret, changed, out var position), $"bit {bit}");
            Assert.Equal(0, position);
        }
    }

    [Fact]
    public void A_token_cut_short_or_made_longer_is_refused()
    {
        var token = ResumeToken.Write(Secret, 4711);
        for (var length = 0; length < token.Length; length++) Assert.False(ResumeToken.TryRead(Secret, token.AsSpan(0, length), out _));
        Assert.False(ResumeToken.TryRead(Secret, [.. token, 0], out _));
    }

    [Fact]
    public void A_token_of_another_epoch_or_key_is_refused()
    {
        var other = FeedSecret.Make();
        Assert.False(ResumeToken.TryRead(Secret, ResumeToken.Write(Secret with { Epoch = other.Epoch }, 5), out _));
        Assert.False(ResumeToken.TryRead(Secret, ResumeToken.Write(Secret with { Key = other.Key }, 5), out _));
    }

    [Fact]
    public void A_token_beyond_the_end_of_the_feed_asks_for_a_full_snapshot()
    {
        Assert.Equal(6, Pull.PositionOf(Resume(ResumeToken.Write(Secret, 6)), Secret, mark: 6));
        AssertFullSnapshot("FEED_POSITION_LOST", () => Pull.PositionOf(Resume(ResumeToken.Write(Secret, 6)), Secret, mark: 5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_token_of_another_epoch_asks_for_a_full_snapshot_wherever_it_stands(long position)
    {
        var restored = Secret with { Epoch = FeedSecret.Make().Epoch };
        AssertFullSnapshot("FEED_EPOCH_CHANGED", () => Pull.PositionOf(Resume(ResumeToken.Write(Secret, position)), restored, mark: 5));
        AssertFullSnapshot("FEED_EPOCH_CHANGED", () => Pull.PositionOf(Resume(ResumeToken.Write(Secret, position)), FeedSecret.Make(), mark: 5));
    }

    [Fact]
    public void A_token_of_this_epoch_that_was_tampered_with_or_is_of_no_known_form_is_invalid()
    {
        var otherPosition = ResumeToken.Write(Secret, 4);
        otherPosition[^(HMACSHA256.HashSizeInBytes + 1)] ^= 1;
        AssertRefused("resume_token", () => Pull.PositionOf(Resume(otherPosition), Secret, mark: 9));
        AssertRefused("resume_token", () => Pull.PositionOf(Resume(new byte[ResumeToken.Length]), Secret, mark: 9));
        AssertRefused("resume_token", () => Pull.PositionOf(Resume(BitConverter.GetBytes(4L)), Secret, mark: 9));
    }

    [Fact]
    public void An_empty_token_is_the_beginning() => Assert.Equal(0, Pull.PositionOf(new PullRequest(), Secret, mark: 0));

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 1)]
    [InlineData(1000, 1000)]
    public void A_batch_has_the_size_asked_for(int asked, int given) => Assert.Equal(given, Pull.Of(new PullRequest { MaxBatch = asked }).MaxBatch);

    [Theory]
    [InlineData(-1)]
    [InlineData(1001)]
    public void A_batch_of_another_size_is_refused(int asked) => AssertRefused("max_batch", () => Pull.Of(new PullRequest { MaxBatch = asked }));

    [Theory]
    [InlineData("report")]
    [InlineData("")]
    [InlineData("Assessment")]
    public void An_unknown_kind_is_refused(string kind) => AssertRefused("kinds", () => Pull.Of(new PullRequest { Kinds = { "assessment", kind } }));

    [Fact]
    public void No_kind_means_all() => Assert.Equal(3, Pull.Of(new PullRequest()).Events.Length);

    [Fact]
    public void The_secret_does_not_print_itself() => Assert.Equal("FeedSecret", $"{Secret}");

    private static PullRequest Resume(byte[] token) => new() { ResumeToken = ByteString.CopyFrom(token) };

    private static void AssertFullSnapshot(string reason, Func<object?> act)
    {
        var refused = Assert.Throws<RpcException>(() => { act(); });
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("full snapshot", refused.Status.Detail, StringComparison.Ordinal);
        var info = refused.GetRpcStatus()!.GetDetail<ErrorInfo>()!;
        Assert.Equal((reason, "ntm.central.v1.ChangeFeed", "FULL_SNAPSHOT"), (info.Reason, info.Domain, info.Metadata["action"]));
    }

    private static void AssertRefused(string field, Func<object?> act)
    {
        var refused = Assert.Throws<RpcException>(() => { act(); });
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal(field, Assert.Single(refused.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations).Field);
    }
}
