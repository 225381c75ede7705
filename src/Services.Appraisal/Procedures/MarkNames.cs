using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

/// <summary>How sure a value of a procedure is, in words for a text that somebody reads; members of an answer keep the mark itself.</summary>
public static class MarkNames
{
    public static Text Of(string mark) => mark switch
    {
        "seen" => new("đã thấy", mark),
        "seen-pred" => new("theo văn bản trước hoặc thực tiễn", mark),
        "recalled" => new("nhớ lại", mark),
        "derived" => new("suy ra", mark),
        "internal" => new("quy ước nội bộ", mark),
        _ => new("chưa rõ", mark),
    };
}
