/// What calls make, as far as it may be called or name something.
extension CallableSearch {
  /// Notes the import of `name` from `module`, and pushes it.
  mutating func pushGlobal(module: SearchedValue, name: SearchedValue) {
    guard case .text(let module) = module, case .text(let name) = name else {
      push(.named(found.add("<a name that is computed>", .dangerous)))
      return
    }
    push(named(module, name))
  }

  private mutating func named(_ module: String, _ name: String) -> SearchedValue {
    .named(found.add(module: module, name: name))
  }

  /// Notes a call; nil for arguments that are not known.
  mutating func call(_ callee: SearchedValue, _ arguments: [SearchedValue]?) -> SearchedValue {
    hasCalled = true
    let first = arguments?.first ?? .other
    switch callee {
    case .named(let index):
      found.noteCall(of: index)
      return callNamed(index, arguments)
    case .partial(let inner): return call(inner, nil)
    case .getter(let name, let finder): return attribute(name, of: first, finder)
    case .caller(let name, let finder):
      return call(attribute(name, of: first, finder), nil)
    case .function(let name):
      found.noteCall(of: found.add("<the function \(name) that is stored in it>", .dangerous))
      return .object(name)
    case .ownClass(let name):
      found.noteCall(of: found.add("<the class \(name) that is stored in it>", .ownCode))
      return .object(name)
    case .object(let name):
      found.noteCall(of: found.add("<what \(name) makes>", .unknown))
    case .other, .text, .tuple, .module, .code:
      found.noteCall(of: found.add("<something that is computed>", .unknown))
    }
    return .other
  }

  private mutating func callNamed(
    _ index: Int, _ arguments: [SearchedValue]?
  ) -> SearchedValue {
    let (module, name) = found.name(of: index)
    let arguments = arguments ?? []
    let first = arguments.first ?? .other
    let full = "\(module).\(name)"
    if SafeCallables.appliers.contains(full) { return call(first, nil) }
    switch full {
    case "builtins.getattr":
      guard arguments.count > 1 else { return .other }
      return attribute(Self.text(arguments[1]), of: first, index)
    case "operator.attrgetter", "_operator.attrgetter":
      return .getter(arguments.count == 1 ? Self.text(first) : nil, finder: index)
    case "operator.methodcaller", "_operator.methodcaller":
      return .caller(Self.text(first), finder: index)
    case "functools.partial", "_functools.partial", "types.MethodType", "builtins.method":
      if case .partial = first { return first }
      return .partial(first)
    case "types.CodeType", "builtins.code":
      return .code(arguments.count > 11 ? Self.text(arguments[11]) ?? "?" : "?")
    case "types.FunctionType", "builtins.function": return ownFunction(first)
    case "builtins.type" where arguments.count == 3: return ownClass(Self.text(first))
    case "builtins.__import__", "importlib.import_module": return imported(Self.text(first))
    default:
      if module.hasPrefix("cloudpickle") { return callCloudpickle(name, arguments) }
      return .object(full)
    }
  }

  /// How cloudpickle stores functions, classes and modules.
  private mutating func callCloudpickle(
    _ name: String, _ arguments: [SearchedValue]
  ) -> SearchedValue {
    let first = arguments.first ?? .other
    switch name {
    case "subimport": return imported(Self.text(first))
    case "_builtin_type":
      guard let name = Self.text(first) else {
        return .named(found.add("<a name of types that is computed>", .dangerous))
      }
      return named("types", name)
    case "_make_function": return ownFunction(first)
    case "_make_skeleton_class", "_make_skeleton_enum":
      return ownClass(arguments.count > 1 ? Self.text(arguments[1]) : nil)
    default: return .object("cloudpickle.cloudpickle.\(name)")
    }
  }

  private mutating func ownFunction(_ code: SearchedValue) -> SearchedValue {
    guard case .code(let name) = code else {
      // Code from elsewhere, such as what marshal makes of bytes.
      found.add("<a function of code that is computed>", .dangerous)
      return .function("?")
    }
    found.add("<the function \(name) that is stored in it>", .ownCode)
    return .function(name)
  }

  private mutating func ownClass(_ name: String?) -> SearchedValue {
    found.add("<the class \(name ?? "?") that is stored in it>", .ownCode)
    return .ownClass(name ?? "?")
  }

  /// A module as a value: nothing that it has is used yet, but its own code runs.
  private mutating func imported(_ name: String?) -> SearchedValue {
    guard let name else {
      found.add("<a module whose name is computed>", .dangerous)
      return .other
    }
    found.add("\(name) (module)", SafeCallables.modules.contains(name) ? .safe : .unknown)
    return .module(name)
  }

  /// What `getattr` and its like find: a name of its own where that is known.
  private mutating func attribute(
    _ name: String?, of value: SearchedValue, _ finder: Int
  ) -> SearchedValue {
    guard let name else {
      found.add("<an attribute whose name is computed>", .dangerous)
      return .other
    }
    found.noteNamedUse(of: finder)
    switch value {
    case .named(let index):
      let (module, qualified) = found.name(of: index)
      return named(module, "\(qualified).\(name)")
    case .module(let module): return named(module, name)
    default:
      let verdict: PickleCallable.Verdict =
        DangerousCallables.containsAttribute(name)
        ? .dangerous : SafeCallables.attributes.contains(name) ? .safe : .unknown
      return .named(found.add("<the attribute \(name) of an object>", verdict))
    }
  }

  /// Notes that a state, items or pairs are given to `value`, which is topmost.
  mutating func change(_ value: SearchedValue?) {
    switch value {
    case .named(let index):
      let (module, name) = found.name(of: index)
      found.add("<a change of \(module.isEmpty ? name : "\(module).\(name)")>", .dangerous)
    case .module(let name): found.add("<a change of the module \(name)>", .dangerous)
    default: break
    }
  }

  private static func text(_ value: SearchedValue) -> String? {
    if case .text(let text) = value { return text }
    return nil
  }
}
