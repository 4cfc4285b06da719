import Glibc
import PodFUSE
import PodModel
import PodStore
import Synchronization
import Testing

extension RealMounts {
  /// What a mount shows after other processes have removed commits and sessions.
  @Suite(.enabled(if: Mount.isAvailable)) struct Removal {
    let mounted: Mounted
    let alice: SessionID
    /// The store as another process has it.
    let other: Store

    init() throws {
      mounted = try Mounted()
      other = try Store(openingAt: mounted.root + "/store")
      alice = try other.session(SessionName("alice")).id
      let made = shell(
        """
        cd '\(mounted.path)/alice' && for i in 1 2 3 4; do
          seq $i 40000 > workspace/x; echo $i > workspace/v$i; echo number $i > commit; done
        """)
      #expect(made == Outcome(output: "", status: 0))
    }

    private func run(_ command: String) -> Outcome {
      shell("cd '\(mounted.path)' && \(command)")
    }

    private func prune() throws {
      var rules = KeepRules()
      rules.last = 2
      try other.prune(alice, keeping: rules)
    }

    /// Runs a command until it answers this, which it must within 100 ms, and a busy machine's time.
    private func expect(_ output: String, of command: String) {
      var outcome = run(command)
      let start = ContinuousClock.now
      while outcome.output != output, ContinuousClock.now - start < .seconds(1) {
        outcome = run(command)
      }
      #expect(outcome.output == output)
    }

    @Test("Commits that are gone are neither listed nor found, and the others are as they were")
    func pruned() throws {
      let all = "cat alice/commits/*/v1 alice/text/*/v1 >../before && stat -c %s alice/commits/*/x"
      #expect(run(all).status == 0)
      try prune()
      expect("3\n4\n", of: "ls alice/commits")
      expect("3\n4\nworkspace\n", of: "ls alice/text")
      expect("cat: alice/commits/1/v1: No such file or directory\n", of: "cat alice/commits/1/v1")
      expect("cat: alice/text/2/v1: No such file or directory\n", of: "cat alice/text/2/v1")
      expect("3\tnumber 3\n4\tnumber 4\n", of: "cut -f 1,3 alice/log")
      #expect(run("cat alice/commits/3/v1 alice/HEAD/x | head -n 2").output == "1\n4\n")
      let ask = "import os; print(os.getxattr('alice/HEAD/v1', 'user.podfs.commit').decode())"
      #expect(run("python3 -c \"\(ask)\"").output == "3\n")
      #expect(run("readlink alice/HEAD alice/branches/main").output == "commits/4\n../commits/4\n")
      #expect(
        run("echo 5 > alice/workspace/v5; echo five > alice/commit; ls alice/commits").output
          == "3\n4\n5\n")
    }

    @Test("A file that is open is read to its end after its commit and its session went")
    func openFile() throws {
      let path = "\(mounted.path)/alice/commits/1/x"
      let file = unsafe open(path, O_RDONLY)
      #expect(file >= 0)
      defer { close(file) }
      try prune()
      try other.removeSession(alice)
      let copy = shell("cat <&\(file) | tail -n 1")
      #expect(copy.status == 0)
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      var count = 0
      while true {
        let got = unsafe pread(file, &bytes, bytes.count, off_t(count))
        #expect(got >= 0)
        if got <= 0 { break }
        count += got
      }
      // The digits and line ends of 1 to 40000.
      #expect(count == 9 * 2 + 90 * 3 + 900 * 4 + 9000 * 5 + 30001 * 6)
    }

    @Test("A session that is gone is gone from the mount, also below a directory that is in use")
    func session() throws {
      #expect(run("cat alice/commits/4/v1").output == "1\n")
      let directory = unsafe open(mounted.path + "/alice/commits/4", O_RDONLY | O_DIRECTORY)
      defer { close(directory) }
      #expect(run("ls /proc/self/fd/\(directory)/").output == "v1\nv2\nv3\nv4\nx\n")
      try other.removeSession(alice)
      expect("README\n", of: "ls")
      expect("cat: alice/log: No such file or directory\n", of: "cat alice/log")
      #expect(run("ls /proc/self/fd/\(directory)/").output.contains("No such file or directory"))
      try other.createSession(SessionName("alice"))
      expect("", of: "ls alice/commits")
      #expect(run("echo 1 > alice/workspace/new && cat alice/text/workspace/new").output == "1\n")
    }

    @Test("rmdir removes a session in which nothing is, and no other")
    func removeDirectory() throws {
      #expect(run("mkdir bob && rmdir bob && ls").output == "README\nalice\n")
      #expect(run("rmdir alice").output.contains("Directory not empty"))
      #expect(run("mkdir eve && echo 1 > eve/workspace/x && rmdir eve").status != 0)
      #expect(run("rm eve/workspace/x && rmdir eve && ls").output == "README\nalice\n")
      #expect(run("rmdir README").output.contains("Not a directory"))
      #expect(run("rmdir nobody").output.contains("No such file"))
      #expect(mounted.lines.all.withLock { $0 } == [])
    }
  }
}
