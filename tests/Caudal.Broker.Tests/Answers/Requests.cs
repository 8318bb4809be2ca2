using System.Collections;
using System.Reflection;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Answers;

/// <summary>Makes requests with one element in every list, as a client would send them in a version.</summary>
internal static class Requests
{
    /// <summary>A request that went over the wire once: what its version does not have is at its default.</summary>
    public static TRequest Filled<TRequest>(short version)
        where TRequest : IKafkaMessage<TRequest>, new()
    {
        for (var omitted = new HashSet<string>(); ;)
        {
            try
            {
                return RoundTrip((TRequest)Fill(typeof(TRequest), omitted), version);
            }
            catch (UnsupportedVersionException e)
            {
                // A field that this version has no place for, and that may not be dropped: the message names it.
                var name = typeof(TRequest).GetProperties().Select(p => p.Name)
                    .Where(p => !omitted.Contains(p) && e.Message.Contains(p, StringComparison.Ordinal))
                    .MaxBy(p => p.Length);
                if (name is null)
                    throw;
                omitted.Add(name);
            }
        }
    }

    private static TRequest RoundTrip<TRequest>(TRequest request, short version)
        where TRequest : IKafkaMessage<TRequest>
    {
        using var frame = new FrameBuffer();
        var writer = new KafkaWriter(frame);
        request.Write(ref writer, version);
        writer.Flush();
        var bytes = new byte[frame.Length];
        frame.CopyTo(bytes);
        var reader = new KafkaReader(bytes);
        return TRequest.Read(ref reader, version);
    }

    private static object Fill(Type type, HashSet<string> omitted)
    {
        var filled = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            if (omitted.Contains(property.Name) || !property.PropertyType.IsArray)
                continue;
            var element = property.PropertyType.GetElementType()!;
            var list = (IList)Array.CreateInstance(element, 1);
            if (element == typeof(string))
                list[0] = "x";
            else if (element.IsClass)
                list[0] = Fill(element, []);
            property.SetValue(filled, list);
        }

        return filled;
    }
}
