extension Store {
  /// Looks for damage, and calls `report` for all that is found.
  ///
  /// Checks that every commit can be listed and that every pod it needs is there; with `data`,
  /// also reads every pod and compares it with its name.
  public func check(data: Bool, report: (Finding) -> Void) throws(StoreError) { throw .notBuilt }
}

extension Finding: CustomStringConvertible {
  /// One line for a person: what is damaged and what is lost by it.
  public var description: String { "" }
}
