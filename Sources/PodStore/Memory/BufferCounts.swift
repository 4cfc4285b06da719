/// How captures of this process found out whether long buffers had changed, in bytes.
public struct BufferCounts: Sendable {
  /// How many are watched by the kernel now.
  public internal(set) var watched = 0
  /// How many were proven unchanged so far, and not read.
  public internal(set) var proven = 0
  /// How many were read so far.
  public internal(set) var read = 0

  /// What this process did so far.
  public static var ofThisProcess: BufferCounts { BufferMemory.current.counts }
}
