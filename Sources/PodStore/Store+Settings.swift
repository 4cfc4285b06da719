extension Store {
  /// Returns what the store was told, or nil if it was not.
  public func setting(_ setting: StoreSetting) throws(StoreError) -> Int64? {
    try engine.withReader { connection throws(StoreError) in
      try connection.setting(setting.rawValue)
    }
  }

  /// Tells the store something, for all processes from now on; nil takes it back.
  public func set(_ setting: StoreSetting, to value: Int64?) throws(StoreError) {
    try engine.change { connection throws(StoreError) in
      try connection.set(setting.rawValue, to: value)
    }
  }
}
