import CFuse
import Glibc
import PodFUSE
import PodFilesystem
import PodModel
import PodStore
import Testing

/// All tests with real mounts, one after the other: they block threads of the pool that all
/// tests share.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RealMounts {
  @Test("This machine can mount; without /dev/fuse nothing here is tested")
  func deviceIsThere() {
    #expect(Mount.isAvailable, "'/dev/fuse' is missing or may not be opened: run as root")
  }

  @Suite(.enabled(if: Mount.isAvailable)) struct Programs {
    let mounted: Mounted

    init() throws { mounted = try Mounted() }

    /// Runs a command in the mounted directory.
    private func run(_ command: String) -> Outcome {
      shell("cd '\(mounted.path)' && \(command)")
    }

    @Test("A file that a program wrote is read, committed and listed")
    func story() {
      let outcome = run(
        """
        echo one > alice/workspace/x && echo first > alice/commit &&
        echo two >> alice/workspace/x && echo second > alice/commit &&
        ls alice/commits alice/HEAD/ && cat alice/commits/1/x alice/HEAD/x && cut -f 1,3 alice/log
        """)
      #expect(
        outcome
          == Outcome(
            output: """
              alice/HEAD/:
              x

              alice/commits:
              1
              2
              one
              one
              two
              1\tfirst
              2\tsecond

              """, status: 0))
    }

    @Test("The text of a variable is read to its end, whoever reads it")
    func text() {
      let outcome = run(
        """
        seq 30000 > alice/workspace/x && echo first > alice/commit &&
        cat alice/text/1/x | cmp - alice/commits/1/x && grep -c . alice/text/1/x &&
        cp alice/text/1/x ../copy && cmp ../copy alice/commits/1/x &&
        diff -r alice/text/1 alice/text/workspace && stat -c %s alice/text/1/x
        """)
      #expect(outcome == Outcome(output: "30000\n168894\n", status: 0))
    }

    @Test("cp of a version is one row, whatever the size")
    func copy() throws {
      #expect(run("head -c 40000000 /dev/urandom > alice/workspace/x").status == 0)
      #expect(run("echo first > alice/commit; mkdir bob").status == 0)
      let before = try mounted.store.statistics()
      let outcome = run(
        """
        cp alice/commits/1/x bob/workspace/y && cp -a alice/workspace/x bob/workspace/z &&
        cp -r alice/commits/1 ../elsewhere && cat alice/HEAD/x > bob/workspace/w &&
        cmp alice/commits/1/x bob/workspace/y && cmp bob/workspace/z bob/workspace/w &&
        cmp ../elsewhere/x bob/workspace/y
        """)
      #expect(outcome == Outcome(output: "", status: 0))
      let after = try mounted.store.statistics()
      #expect(after.pods == before.pods)
      #expect(after.versions == before.versions + 3)
    }

    @Test("Editors, mappings and in-place tools find a workspace as they expect a disk")
    func tools() {
      let outcome = run(
        """
        cd alice/workspace && seq 10 > x && sed -i s/5/five/ x && sed -n 5p x &&
        python3 - <<'END' && od -An -c m | tr -d ' \\n' && mv x y && ls && rm y m && ls
        from mmap import mmap
        from os import O_CREAT, O_RDWR, close, ftruncate, open
        f = open("m", O_RDWR | O_CREAT)
        ftruncate(f, 8)
        m = mmap(f, 8)
        close(f)
        m[2:4] = b"hi"
        m.close()
        END
        """)
      #expect(outcome == Outcome(output: "five\n\\0\\0hi\\0\\0\\0\\0m\ny\n", status: 0))
    }

    @Test("Hidden buffers of a shell's subprocesses all arrive")
    func duplicates() {
      let outcome = run(
        """
        (echo a; echo b; sh -c 'echo c') > alice/workspace/x; cat alice/workspace/x;
        echo d >> alice/workspace/x; tail -n 1 alice/workspace/x
        """)
      #expect(outcome == Outcome(output: "a\nb\nc\nd\n", status: 0))
    }

    @Test("A writer that is killed publishes nothing")
    func killed() {
      let outcome = run(
        """
        echo old > alice/workspace/x
        python3 -c '
        from os import getpid, kill, write
        file = open("alice/workspace/x", "w")
        write(file.fileno(), b"half\\n")
        kill(getpid(), 9)' 2> /dev/null
        while ! ls ../store/staging | grep -q kept; do :; done
        cat alice/workspace/x ../store/staging/kept*
        """)
      #expect(outcome == Outcome(output: "old\nhalf\n", status: 0))
    }

    @Test("On a full disk close fails, the old version stays, and writing less works")
    func fullDisk() throws {
      let small = try Mounted(disk: 24)
      let outcome = shell(
        """
        cd '\(small.path)/alice' && echo old > workspace/x && echo first > commit
        python3 - <<'END'
        from errno import errorcode
        from os import O_TRUNC, O_WRONLY, close, open, urandom, write
        file = open("workspace/x", O_WRONLY | O_TRUNC)
        write(file, urandom(16 << 20))
        try:
            close(file)
            print("closed")
        except OSError as error:
            print(errorcode[error.errno])
        END
        cat workspace/x commits/1/x; echo new > workspace/x; cat workspace/x; ls ../../store/staging
        echo second > commit && cat HEAD/x
        """)
      #expect(outcome == Outcome(output: "ENOSPC\nold\nold\nnew\nnew\n", status: 0))
    }

    @Test("Opening and closing ten thousand times leaves nothing behind")
    func noLeaks() {
      func staged() -> String {
        shell("ls -l /proc/\(getpid())/fd | grep -c '\(mounted.root)/store/staging'").output
      }
      #expect(run("seq 1000 > alice/workspace/x && echo first > alice/commit").status == 0)
      let outcome = run(
        """
        python3 - <<'END'
        for _ in range(2500):
            for path in ["commits/1/x", "text/1/x", "workspace/x", "log"]:
                with open("alice/" + path) as file:
                    file.read(1)
        END
        for i in $(seq 100); do echo $i > alice/workspace/y; done; cat alice/workspace/y
        """)
      #expect(outcome == Outcome(output: "100\n", status: 0))
      #expect(staged() == "0\n")
    }

    @Test("A commit of another process shows at once, also where a name was missing before")
    func freshness() throws {
      #expect(run("test -e alice/commits/1").status == 1)
      #expect(run("test -e alice/HEAD").status == 1)
      let other = try Store(openingAt: mounted.store.path)
      let alice = try other.session(SessionName("alice")).id
      try other.commitWorkspace(of: alice, message: "elsewhere")
      #expect(
        run("ls alice/commits && readlink alice/HEAD")
          == Outcome(output: "1\ncommits/1\n", status: 0))
      try other.createSession(SessionName("bob"))
      #expect(run("ls").output == "README\nalice\nbob\n")
    }

    @Test("Writers and readers in many processes keep each other's bytes")
    func crowd() {
      let outcome = run(
        """
        cd alice/workspace
        for i in 1 2 3 4 5 6 7 8; do
          (for j in 1 2 3 4 5; do
            seq $i 20000 > v$i && seq $i 20000 | cmp - v$i || echo "v$i differs"
          done) &
        done
        wait; ls | wc -l
        """)
      #expect(outcome == Outcome(output: "8\n", status: 0))
    }
  }
}
