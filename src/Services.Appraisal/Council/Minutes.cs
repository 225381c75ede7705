using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Council;

/// <summary>The minutes of a council (biên bản), as Markdown: made from its events and from nothing else, alike at every reading.</summary>
public static partial class Minutes
{
    public const string MediaType = "text/markdown; charset=utf-8";

    public static string Of(Protocol session, IReadOnlyList<KnownTitle> titles, bool english)
    {
        var text = new StringBuilder();
        if (session.Session is { } number)
        {
            Line("# Biên bản phiên họp Hội đồng thẩm định", "# Minutes of the appraisal council's session");
            Line("");
            if (session.Province is { } province) Line($"- Tỉnh: {Plain(province.Name)}", $"- Province: {Plain(province.Name)}");
            Line($"- Phiên họp: `{number}`", $"- Session: `{number}`");
        }
        else
        {
            Line("# Biên bản Hội đồng thẩm định", "# Minutes of the appraisal council");
            Line("");
            Line($"- Hồ sơ: `{session.Dossiers[0].Dossier.Number}`", $"- Dossier: `{session.Dossiers[0].Dossier.Number}`");
            Line($"- Hội đồng được lập: {At(session.At)}, {Plain(session.By)}", $"- Council named: {At(session.At)}, {Plain(session.By)}");
        }

        if (session.Appointment is { } appointment)
        {
            Line(
                $"- Quyết định thành lập: số {Plain(appointment.Number)}, ngày {Day(appointment.Date)}, {Plain(appointment.Issuer)}",
                $"- Appointed by decision {Plain(appointment.Number)} of {Day(appointment.Date)}, {Plain(appointment.Issuer)}");
        }

        Line($"- Hình thức: {(session.IsSecret ? "bỏ phiếu kín" : "biểu quyết công khai")}", $"- Ballot: {(session.IsSecret ? CouncilSession.Secret : CouncilSession.Open)}");
        Line($"- Mở bỏ phiếu: {At(session.OpenedAt)}", $"- Vote opened: {At(session.OpenedAt)}");
        Line($"- Kết thúc: {At(session.ClosedAt)}", $"- Closed: {At(session.ClosedAt)}");
        if (session.Dissolved is { } dissolved)
            Line($"- Giải tán trước khi kiểm phiếu: {At(dissolved.At)}, {Plain(dissolved.By)}. Lý do: {Plain(dissolved.Reason)}", $"- Dissolved before the count: {At(dissolved.At)}, {Plain(dissolved.By)}. Reason: {Plain(dissolved.Reason)}");
        Line("");
        Members();
        Recusals();
        Line("## Kết quả bỏ phiếu", "## Results");
        Line("");
        foreach (var dossier in session.Dossiers) Ballot(dossier);
        return text.ToString();

        void Line(string vi, string? en = null) => text.Append(english && en is not null ? en : vi).Append('\n');

        string Say(string vi, string en) => english ? en : vi;

        string Day(DateOnly day) => day.ToString(english ? "yyyy-MM-dd" : "dd/MM/yyyy", CultureInfo.InvariantCulture);

        string At(DateTimeOffset? instant) => instant is { } known
            ? known.ToVietnam().ToString(english ? "yyyy-MM-dd HH:mm:ss" : "HH:mm:ss dd/MM/yyyy", CultureInfo.InvariantCulture)
            : "–";

        void Members()
        {
            Line("## Thành phần", "## Council");
            Line("");
            if (session.Session is null) Line("| Người | Đại diện | Tư cách | Bỏ phiếu |", "| Person | Stands for | As | Voted |");
            else Line("| Người | Đại diện | Tư cách | Có mặt |", "| Person | Stands for | As | Present |");
            Line("|---|---|---|---|");
            foreach (var m in session.Members)
            {
                var seat = m.Person == session.Chair ? Say("Chủ tịch", "chair") : m.Voting == false ? Say("khách mời", "invited") : Say("thành viên", "member");
                if (m.Person == session.Secretary) seat += Say(", thư ký", ", secretary");
                var present = session.Present is not { } there ? "–"
                    : session.Session is null ? there.Contains(m.Person) ? Say("đã bỏ phiếu", "voted") : Say("chưa bỏ phiếu", "has not voted")
                    : there.Contains(m.Person) ? Say("có mặt", "present") : Say("vắng", "absent");
                Line($"| {Plain(m.Person)} | {Plain(m.Body ?? "–")} | {seat} | {present} |");
            }

            Line("");
        }

        void Recusals()
        {
            if (session.Recusals.Count == 0) return;
            Line("## Không tham gia biểu quyết", "## Recused");
            Line("");
            foreach (var r in session.Recusals)
            {
                var which = session.Session is not null && r.Dossiers.Count == session.Dossiers.Count
                    ? Say("mọi hồ sơ", "all dossiers")
                    : string.Join("; ", session.Dossiers.Select(d => d.Dossier).Where(d => r.Dossiers.Contains(d.Number)).Select(d => Plain(d.Unit.Name)));
                Line($"- {Plain(r.Member)}: {which}. Lý do: {Plain(r.Reason)} ({Plain(r.By)}, {At(r.At)})", $"- {Plain(r.Member)}: {which}. Reason: {Plain(r.Reason)} ({Plain(r.By)}, {At(r.At)})");
            }

            Line("");
        }

        void Ballot(DossierCase d)
        {
            var dossier = d.Dossier;
            var title = titles.FirstOrDefault(t => t.Id == dossier.Title);
            Line($"### {Plain(dossier.Unit.Name)} ({dossier.Unit.Code}): {(english ? title?.NameEn : title?.NameVi) ?? dossier.Title}");
            Line("");
            var outcome = session.Outcomes?.FirstOrDefault(o => o.Dossier == dossier.Number);
            var vote = VoteExplained.Of(d, outcome?.Tally);
            if (outcome is { Tally: null })
            {
                var (vi, en) = d.Procedure.StateName(outcome.State);
                Line($"- Hồ sơ đã ra khỏi cuộc bỏ phiếu trước khi kiểm phiếu ({vi}).", $"- The dossier had left the vote before the count ({en}).");
                Line("");
                return;
            }

            Line($"- Thành viên {vote.Members}, có quyền biểu quyết {vote.Entitled}, có mặt {vote.Present}, đã bỏ phiếu {vote.Cast}", $"- Members {vote.Members}, entitled {vote.Entitled}, present {vote.Present}, votes cast {vote.Cast}");
            Line($"- Túc số: {Explained(vote.Quorum)}", $"- Quorum: {Explained(vote.Quorum)}");
            if (vote is { Passed: { } passed, Pass: { } share })
            {
                Line($"- Đồng ý {vote.For}, không đồng ý {vote.Against}, không có ý kiến {vote.Abstain}", $"- For {vote.For}, against {vote.Against}, abstaining {vote.Abstain}");
                Line($"- Tỷ lệ đồng ý: {Explained(share)}", $"- Share for: {Explained(share)}");
                if (vote.Basis is { } basis) Line($"- Căn cứ do Chủ tịch nêu: {Plain(basis)}", $"- Basis stated by the chair: {Plain(basis)}");
                Line($"- Kết luận: **{(passed ? "thông qua" : "không thông qua")}**", $"- Result: **{(passed ? "passed" : "not passed")}**");
                if (!session.IsSecret) Names(dossier);
            }
            else
            {
                Line("- Chưa kiểm phiếu", "- Not counted yet");
            }

            foreach (var flag in dossier.Flags) Flag(flag);
            Line("");
        }

        void Names(Dossier dossier)
        {
            foreach (var (choice, vi, en) in ((string, string, string)[])[(CastVote.For, "Đồng ý", "For"), (CastVote.Against, "Không đồng ý", "Against"), (CastVote.Abstain, "Không có ý kiến", "Abstaining")])
            {
                var persons = string.Join(", ", dossier.Ballots.Where(b => b.Vote == choice).Select(b => Plain(b.Person)));
                if (persons.Length > 0) Line($"- {vi}: {persons}", $"- {en}: {persons}");
            }
        }

        void Flag(BasisFlag flag)
        {
            var answer = flag.Answer is not { } said ? Say("chưa trả lời", "not answered")
                : $"{(said.Answer == "material" ? Say("có ảnh hưởng", "material") : Say("không ảnh hưởng", "immaterial"))}, {Plain(said.Reason)} ({Plain(said.By)}, {At(said.At)})";
            var what = flag.Kind switch
            {
                BasisChanges.Figure => Say("chỉ tiêu", "indicator"),
                BasisChanges.Report => Say("báo cáo kỳ", "report"),
                _ => Say("điều kiện", "condition"),
            };
            Line($"- Đính chính số {flag.No} ({what} {Plain(flag.Item)}): {answer}", $"- Correction {flag.No} ({what} {Plain(flag.Item)}): {answer}");
        }

        string Explained(ShareExplained share)
        {
            var of = share.Of switch
            {
                VoteRule.Members => Say("số thành viên có quyền biểu quyết", "of the voting members"),
                VoteRule.Present => Say("số có mặt", "of those present"),
                VoteRule.Cast => Say("số phiếu", "of the votes cast"),
                _ => Say("chưa quy định tỷ lệ", "no share is set"),
            };
            var mark = MarkNames.Of(share.Mark);
            return share.Needed is not { } needed
                ? $"{share.Fraction}, {of} ({Say(mark.Vi, mark.En)})"
                : Say(
                    $"{share.Fraction} {of}; yêu cầu {share.Share}, tức ít nhất {needed}: {(share.Reached == true ? "đạt" : $"thiếu {share.Missing}")} ({mark.Vi})",
                    $"{share.Fraction} {of}; {share.Share} is demanded, at least {needed}: {(share.Reached == true ? "reached" : $"{share.Missing} wanting")} ({mark.En})");
        }
    }

    /// <summary>What somebody wrote stays words: it makes neither headings nor links nor tables.</summary>
    private static string Plain(string written) => Marks().Replace(Breaks().Replace(written, " "), @"\$0");

    [GeneratedRegex(@"[\\`*_\[\]<>#|!~]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Marks();

    [GeneratedRegex(@"\s*[\r\n\t]+\s*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Breaks();
}
