namespace Caudal.Client;

/// <summary>The type of keys or values that nobody looks at.</summary>
public readonly struct Ignore;
