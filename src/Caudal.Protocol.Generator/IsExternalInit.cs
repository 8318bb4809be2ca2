// The compiler asks for this type when a netstandard2.0 project declares init-only properties, as records do.
namespace System.Runtime.CompilerServices;

internal static class IsExternalInit;
