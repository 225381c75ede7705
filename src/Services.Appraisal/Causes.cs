using JasperFx.Events;
using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal;

/// <summary>To whom that is put down which the service records of itself.</summary>
internal static class Causes
{
    /// <summary>Whoever recorded the fact that it follows from.</summary>
    public static void CausedBy(this IDocumentSession session, IEvent cause)
    {
        session.LastModifiedBy = cause.UserName;
        session.CorrelationId = cause.CorrelationId;
        session.CausationId = cause.Id.ToString();
        session.SetHeader(EventHeaders.Client, cause.ClientOf());
        if (cause.GetHeader(EventHeaders.TraceParent)?.ToString() is { } trace) session.SetHeader(EventHeaders.TraceParent, trace);
        if (cause.IsDemonstration()) session.SetHeader(EventHeaders.Demonstration, true);
    }

    /// <inheritdoc cref="CausedBy(IDocumentSession, IEvent)"/>
    public static void CausedBy(this IEvent e, IEvent cause)
    {
        e.UserName = cause.UserName;
        e.CorrelationId = cause.CorrelationId;
        e.CausationId = cause.Id.ToString();
        e.SetHeader(EventHeaders.Client, cause.ClientOf());
        if (cause.GetHeader(EventHeaders.TraceParent)?.ToString() is { } trace) e.SetHeader(EventHeaders.TraceParent, trace);
        if (cause.IsDemonstration()) e.SetHeader(EventHeaders.Demonstration, true);
    }

    /// <summary>A part of the service, where nobody did anything but time passed.</summary>
    public static void CausedBy(this IEvent e, string part, Demonstration demonstration)
    {
        e.UserName = part;
        e.SetHeader(EventHeaders.Client, part);
        if (demonstration.On) e.SetHeader(EventHeaders.Demonstration, true);
    }
}
