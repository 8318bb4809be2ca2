namespace Caudal.Client;

/// <summary>The type of keys or values that are always null.</summary>
public readonly struct Null;
