using Grpc.Core;
using Grpc.Core.Interceptors;
using Ntm.ServiceDefaults;

namespace Ntm.Central.Feed;

/// <summary>Only the central ministry pulls. A gRPC caller reads a status in trailers, no HTTP 401.</summary>
internal sealed partial class MinistryOnly(ILogger<MinistryOnly> log) : Interceptor
{
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (StoreAway.Is(exception))
        {
            EndedWithoutStore(context.Method, exception);
            throw new RpcException(new Status(StatusCode.Unavailable, "The store does not answer; resume with the last token."));
        }
    }

    private void Check(ServerCallContext context)
    {
        if (Actor.Of(context.GetHttpContext()) is not { } actor)
            throw new RpcException(new Status(StatusCode.Unauthenticated, "A valid access token is needed in the metadata \"authorization\"."));
        if (actor.Has(Roles.Ministry)) return;
        Refused(context.Method, actor.Client);
        throw new RpcException(new Status(StatusCode.PermissionDenied, "Only the role ministry may pull."));
    }

    [LoggerMessage(LogLevel.Information, "{Method} refused for {Client}")]
    private partial void Refused(string method, string client);

    [LoggerMessage(LogLevel.Error, "{Method} ended: the store does not answer")]
    private partial void EndedWithoutStore(string method, Exception exception);
}
