using Ntm.Appraisal;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

const string service = "appraisal";
var builder = WebApplication.CreateBuilder(args);
var procedures = ProcedureBook.Load(Path.Combine(AppContext.BaseDirectory, "data", "procedures"));
builder.AddServiceDefaults(service);
builder.AddNtmAuthentication();
builder.AddNtmMessaging(service);
var store = builder.AddNtmStore(service, options => options
    .AddStoredEvents().AddProcedures().AddConfirmations().AddEligibility().AddRecognitions().AddDocuments().AddCouncil().AddQueue(procedures).KeepFactsOf(service));
store.AddNtmOutbox(builder, new IntegrationMap(service).AnnounceEligibility().AnnounceDossiers(procedures).AnnounceFlags(procedures).AnnounceSessions().AnnounceRecognitions());
store.AddEligibilityWatch();
store.AddBasisWatch();
builder.Services.AddSingleton(procedures).AddEligibility().AddDossiers().AddCouncil();

var app = builder.Build();
app.UseServiceDefaults();
app.MapServiceDefaults(service);
var api = app.MapGroup("/api/appraisal").RequireAuthorization();
api.MapGroup("").WithTags("Procedures").MapProcedures();
api.MapGroup("").WithTags("Eligibility").MapEligibility();
api.MapGroup("").WithTags("Confirmations").MapConfirmations();
api.MapGroup("").WithTags("Dossiers").MapDossiers();
api.MapGroup("").WithTags("Dossiers").MapHistory();
api.MapGroup("").WithTags("Council").MapCouncil();
api.MapGroup("").WithTags("Queue").MapQueue();
api.MapGroup("").WithTags("Recognitions").MapRecognitions();
await app.RunServiceAsync(service, args);

/// <summary>Service Appraisal: eligibility, confirmations, dossiers, the register of recognitions.</summary>
public partial class Program;
