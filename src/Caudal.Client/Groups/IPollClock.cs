namespace Caudal.Client.Groups;

/// <summary>Says how long the user may still process before the member counts as stuck.</summary>
internal interface IPollClock
{
    /// <summary>The time that is left; the whole interval while the user waits for records.</summary>
    TimeSpan RemainingPollTime();
}
