using Marten;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Recognitions;

namespace Ntm.Appraisal;

/// <summary>This service's events under the names they are stored by.</summary>
public static class StoredEvents
{
    public static readonly IReadOnlyDictionary<string, Type> Names = new Dictionary<string, Type>(StringComparer.Ordinal)
    {
        ["condition-confirmed.v1"] = typeof(ConditionConfirmed),
        ["condition-document-brought.v1"] = typeof(ConditionDocumentBrought),
        ["unit-became-eligible.v1"] = typeof(UnitBecameEligible),
        ["unit-ceased-to-be-eligible.v1"] = typeof(UnitCeasedToBeEligible),
        ["title-claimed.v1"] = typeof(TitleClaimed),
        ["title-released.v1"] = typeof(TitleReleased),
        ["title-granted.v1"] = typeof(TitleGranted),
        ["dossier-opened.v1"] = typeof(DossierOpened),
        ["dossier-submitted.v1"] = typeof(DossierSubmitted),
        ["dossier-accepted.v1"] = typeof(DossierAccepted),
        ["dossier-returned.v1"] = typeof(DossierReturned),
        ["council-named.v1"] = typeof(CouncilNamed),
        ["vote-cast.v1"] = typeof(VoteCast),
        ["vote-closed.v1"] = typeof(VoteClosed),
        ["secret-vote-cast.v1"] = typeof(SecretVoteCast),
        ["council-dissolved.v1"] = typeof(CouncilDissolved),
        ["council-member-recused.v1"] = typeof(CouncilMemberRecused),
        ["council-attendance-taken.v1"] = typeof(CouncilAttendanceTaken),
        ["session-appointed.v1"] = typeof(SessionAppointed),
        ["session-member-recused.v1"] = typeof(SessionMemberRecused),
        ["session-attendance-taken.v1"] = typeof(SessionAttendanceTaken),
        ["session-votes-cast.v1"] = typeof(SessionVotesCast),
        ["session-closed.v1"] = typeof(SessionClosed),
        ["session-dissolved.v1"] = typeof(SessionDissolved),
        ["basis-changed.v1"] = typeof(BasisChanged),
        ["basis-flag-answered.v1"] = typeof(BasisFlagAnswered),
        ["decision-signed.v1"] = typeof(DecisionSigned),
        ["decision-number-taken.v1"] = typeof(DecisionNumberTaken),
        ["dossier-transferred.v1"] = typeof(DossierTransferred),
        ["dossier-published.v1"] = typeof(DossierPublished),
        ["document-attached.v1"] = typeof(DocumentAttached),
        ["paper-recorded.v1"] = typeof(PaperRecorded),
        ["notice-posted.v1"] = typeof(NoticePosted),
        ["remark-received.v1"] = typeof(RemarkReceived),
        ["remark-answered.v1"] = typeof(RemarkAnswered),
        ["meeting-held.v1"] = typeof(MeetingHeld),
        ["completeness-checked.v1"] = typeof(CompletenessChecked),
        ["dossier-verified.v1"] = typeof(DossierVerified),
        ["survey-started.v1"] = typeof(SurveyStarted),
        ["survey-summarised.v1"] = typeof(SurveySummarised),
        ["opinion-given.v1"] = typeof(OpinionGiven),
        ["field-visited.v1"] = typeof(FieldVisited),
        ["appraisal-reported.v1"] = typeof(AppraisalReported),
        ["dossier-withdrawn.v1"] = typeof(DossierWithdrawn),
        ["dossier-refused.v1"] = typeof(DossierRefused),
        ["recognition-granted.v1"] = typeof(RecognitionGranted),
        ["recognition-published.v1"] = typeof(RecognitionPublished),
        ["recognition-corrected.v1"] = typeof(RecognitionCorrected),
        ["recognition-succeeded.v1"] = typeof(RecognitionSucceeded),
        ["title-acknowledged.v1"] = typeof(TitleAcknowledged),
        ["decision-number-released.v1"] = typeof(DecisionNumberReleased),
    };

    public static StoreOptions AddStoredEvents(this StoreOptions options)
    {
        foreach (var (name, type) in Names) options.Events.MapEventType(type, name);
        return options;
    }
}
