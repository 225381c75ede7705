using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

internal static class CouncilModule
{
    public static StoreOptions AddCouncil(this StoreOptions options)
    {
        options.Schema.For<SessionKey>();
        options.Projections.Add(new ListedSessionProjection(), JasperFx.Events.Projections.ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddCouncil(this IServiceCollection services) =>
        services.AddSingleton<SessionViews>().AddSingleton<SessionRunner>().AddScoped<GetSession>();

    public static void MapCouncil(this IEndpointRouteBuilder api)
    {
        var sessions = api.MapGroup("/sessions");
        sessions.MapPost("", AppointSession.Handle)
            .WithName("AppointSession").WithSummary("Thành lập Hội đồng và mở phiên họp về nhiều hồ sơ · Appoint a council and call it to a session on several dossiers")
            .Produces<SessionView>(201).ProducesProblem(403).ProducesProblem(409).ProducesProblem(422);
        sessions.MapGet("", ListSessions.Handle)
            .WithExport().WithName("GetSessions").WithSummary("Các phiên họp mà người gọi được xem, mới nhất trước · The sessions that the caller may read, the newest first")
            .WithDescription("`state` (appointed, voting, closed, dissolved), `dossier`, `unit`: lọc theo trạng thái, hồ sơ, mã đơn vị hôm nay · only those in the state, on the dossier, on a dossier of the unit (its code of today).")
            .Produces<Page<SessionItem>>().ProducesProblem(404);
        sessions.MapGet("/{id:guid}", GetSession.Now)
            .WithAsOf().WithName("GetSession").WithSummary("Xem phiên họp, cả tại một thời điểm (asOf) · A session, also as of an instant")
            .Produces<SessionView>().ProducesProblem(403).ProducesProblem(404);
        sessions.MapGet("/{id:guid}/minutes", GetSession.MinutesOf)
            .WithAsOf().WithName("GetMinutes").WithSummary("Biên bản phiên họp (Markdown) · The minutes of a session (Markdown)")
            .Produces<string>(contentType: "text/markdown").ProducesProblem(403).ProducesProblem(404);
        api.MapGet("/dossiers/{id:guid}/minutes", GetDossierMinutes.Handle)
            .WithAsOf().WithName("GetDossierMinutes")
            .WithSummary("Biên bản Hội đồng của một hồ sơ (Markdown) · The minutes of a council that was named for one dossier (Markdown)")
            .WithDescription(
                "Của Hội đồng được lập gần nhất cho riêng hồ sơ này; Hội đồng của một phiên họp có biên bản của phiên họp (409). Đơn vị không đọc biên bản. "
                + "Of the last council that was named for this dossier alone; one that votes in a session has the session's minutes (409). The unit does not read it.")
            .Produces<string>(contentType: "text/markdown").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        sessions.MapAct("recusals", RecuseMember.Handle, "RecuseMember", "Từ chối tham gia biểu quyết, có lý do · Recuse a member, with the reason").Produces<SessionView>();
        sessions.MapAct("attendance", TakeAttendance.Handle, "TakeAttendance", "Ghi danh sách có mặt · Record who attends").Produces<SessionView>();
        sessions.MapAct("votes", VoteInSession.Handle, "VoteInSession", "Bỏ phiếu về nhiều hồ sơ · Vote on several dossiers").Produces<VoteInSession.Answer>();
        sessions.MapAct("close", CloseSession.Handle, "CloseSession", "Kết thúc phiên họp, kiểm phiếu · Close the session and count").Produces<SessionView>();
        sessions.MapAct("dissolution", DissolveSession.Handle, "DissolveSession", "Giải tán phiên họp trước khi kiểm phiếu · Dissolve the session before the count").Produces<SessionView>();
    }

    private static RouteHandlerBuilder MapAct(this RouteGroupBuilder sessions, string act, Delegate handle, string name, string summary) =>
        sessions.MapPost($"/{{id:guid}}/{act}", handle)
            .WithName(name).WithSummary(summary)
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
}
