using Marten;
using Microsoft.AspNetCore.Mvc;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The steps that record something, and the documents of a dossier.</summary>
internal static class RecordedModule
{
    public static StoreOptions AddDocuments(this StoreOptions options)
    {
        options.Storage.ExtendedSchemaObjects.Add(AttachDocument.Files.Table("public"));
        return options;
    }

    public static void MapRecorded(this RouteGroupBuilder dossiers)
    {
        dossiers.MapPost("/{id:guid}/documents", AttachDocument.Handle).WithName("AttachDocument").WithMetadata(new RequestSizeLimitAttribute(UploadedFile.MostBodyBytes))
            .Accepts<Stream>("application/octet-stream", "multipart/form-data", "*/*")
            .WithSummary("Nộp một tài liệu vào hồ sơ, tối đa 20 MB · Bring a document into the dossier, at most 20 MB")
            .WithDescription(
                "Nội dung là chính tệp, hoặc biểu mẫu có một tệp; loại tệp được nhận biết theo nội dung. `kind` loại tài liệu mà một bước yêu cầu, hoặc evidence, other; `name` tên tệp. "
                + "The body is the file itself, or a form with one file; its kind of file is told by its content. `kind` a kind that a step demands, or evidence, other; `name` the file's name.")
            .Produces<DossierDocument>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(413).ProducesProblem(422);
        dossiers.MapGet("/{id:guid}/documents", GetDocuments.List).WithName("GetDossierDocuments")
            .WithSummary("Danh sách tài liệu của hồ sơ · The dossier's documents").Produces<Page<DossierDocument>>().ProducesProblem(403).ProducesProblem(404);
        dossiers.MapGet("/{id:guid}/documents/{sha256}", GetDocuments.Download).WithName("GetDossierDocument")
            .WithSummary("Tải một tài liệu của hồ sơ · One document of the dossier").Produces(200, contentType: "application/octet-stream").ProducesProblem(403).ProducesProblem(404);

        dossiers.MapStep("register", RecordPaper.Of(StepIds.Register), "RegisterDossier", "Đăng ký, đưa vào kế hoạch · Register, put in the plan");
        dossiers.MapStep("self-assessment", RecordPaper.Of(StepIds.SelfAssessment), "SelfAssess", "Tự đánh giá · Self-assessment");
        dossiers.MapStep("consultation", PostNotice.Of(StepIds.Consultation), "PostConsultation", "Niêm yết lấy ý kiến · Post the report for consultation");
        dossiers.MapStep("consultation/remarks", RecordRemark.Of(StepIds.Consultation), "RecordConsultationRemark", "Ghi nhận ý kiến góp ý · Record a remark");
        dossiers.MapStep("consultation/remarks/{n:int}/answer", AnswerRemark.Of(StepIds.Consultation), "AnswerConsultationRemark", "Trả lời ý kiến góp ý · Answer a remark");
        dossiers.MapStep("meeting", HoldMeeting.Of(StepIds.Meeting), "HoldMeeting", "Họp đề nghị xét công nhận · The meeting that votes on the proposal");
        dossiers.MapStep("completeness", CheckCompleteness.Handle, "CheckCompleteness", "Kiểm tra tính đầy đủ · Check completeness");
        dossiers.MapStep("verification", VerifyDossier.Handle, "VerifyDossier", "Thẩm tra hồ sơ · Verify the dossier");
        dossiers.MapStep("survey/start", StartSurvey.Handle, "StartSurvey", "Bắt đầu lấy ý kiến hài lòng · Begin the satisfaction survey");
        dossiers.MapStep("survey", SummariseSurvey.Handle, "SummariseSurvey", "Kết quả lấy ý kiến hài lòng · Summary of the satisfaction survey");
        dossiers.MapStep("list", PostNotice.Of(StepIds.List), "PublishList", "Công bố danh sách, lấy ý kiến · Publish the list for opinions");
        dossiers.MapStep("list/opinions", RecordRemark.Of(StepIds.List), "RecordListOpinion", "Ghi nhận ý kiến về danh sách · Record an opinion on the list");
        dossiers.MapStep("list/opinions/{n:int}/answer", AnswerRemark.Of(StepIds.List), "AnswerListOpinion", "Trả lời ý kiến về danh sách · Answer an opinion on the list");
        dossiers.MapStep("district-vote", HoldMeeting.Of(StepIds.DistrictVote), "HoldDistrictVote", "Họp cấp huyện bỏ phiếu · The district meeting votes");
        dossiers.MapStep("province-vote", HoldMeeting.Of(StepIds.ProvinceVote), "HoldProvinceVote", "Tỉnh bỏ phiếu đề nghị · The province votes on the proposal");
        dossiers.MapStep("forward", RecordPaper.Of(StepIds.Forward), "ForwardDossier", "Trình tỉnh · Forward the dossier to the province");
        dossiers.MapStep("opinions", GiveOpinion.Handle, "GiveOpinion", "Ý kiến của sở theo tiêu chí · A department's opinion per criterion");
        dossiers.MapStep("central-opinions", GiveOpinion.HandleCentral, "RecordCentralOpinion", "Ý kiến của cơ quan trung ương theo tiêu chí · A central body's opinion per criterion");
        dossiers.MapStep("field-visit", VisitField.Handle, "VisitField", "Kiểm tra thực tế · Field visit");
        dossiers.MapStep("report", ReportAppraisal.Handle, "ReportAppraisal", "Báo cáo thẩm định · Appraisal report");
        dossiers.MapStep("complaint", RecordRemark.Of(StepIds.Complaint), "RecordComplaint", "Ghi nhận khiếu nại, phản ánh · Record a complaint");
        dossiers.MapStep("complaint/{n:int}/answer", AnswerRemark.Of(StepIds.Complaint), "AnswerComplaint", "Trả lời khiếu nại, phản ánh · Answer a complaint");
        dossiers.MapStep("steps/{step}", RecordPaper.HandleOwn, "RecordOwnStep", "Bước do tỉnh quy định thêm · A step that the province added");
        dossiers.MapStep("withdraw", WithdrawDossier.Handle, "WithdrawDossier", "Rút hồ sơ · Withdraw the dossier");
        dossiers.MapStep("refuse", RefuseDossier.Handle, "RefuseDossier", "Không đề nghị công nhận · Refuse the dossier with reasons");
    }
}
