import Glibc

extension StoreDirectory {
  /// Gives a file that this process has just made in the store to the owner of the store, if this
  /// process is root's and the store is not.
  ///
  /// Root may use anybody's store, but a file of root's in it would shut the owner out. SQLite does
  /// the same with the files that it makes beside a database.
  func handOver(_ file: Int32, _ name: String) throws(StoreError) {
    guard CurrentProcess.user == 0 else { return }
    var (made, own) = (stat(), stat())
    guard unsafe fstat(file, &made) == 0, unsafe fstat(try root(), &own) == 0,
      made.st_uid != own.st_uid
    else { return }
    if fchown(file, own.st_uid, own.st_gid) != 0 {
      throw StoreError(call: "chown", path: "\(path)/\(name)", errno: errno)
    }
  }
}
