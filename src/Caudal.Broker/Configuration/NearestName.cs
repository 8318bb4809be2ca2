namespace Caudal.Broker.Configuration;

/// <summary>Finds what a misspelt name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>The nearest of the known names by edit distance, as the end of an error message; empty if none is near.</summary>
    public static string Suggest(string name, IEnumerable<string> known)
    {
        string? best = null;
        var bestDistance = Math.Max(2, name.Length / 3) + 1;
        foreach (var candidate in known)
        {
            var distance = Distance(name, candidate, bestDistance);
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }

        return best is null ? "" : $" (did you mean {best}?)";
    }

    // Levenshtein's distance by rows; gives up once it cannot become smaller than the limit.
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) >= limit)
            return limit;
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            var smallest = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
                smallest = Math.Min(smallest, row[j]);
            }

            if (smallest >= limit)
                return limit;
        }

        return row[b.Length];
    }
}
