// A change of the agents' keys: nobody else's meanwhile, and then the master reads it.

internal import Weighting

/// A subcommand of `poise agent` that changes files.
protocol KeyEdit: KeyVerb {
    /// Changes the files of a folder that nobody else changes meanwhile.
    func edit(_ folder: KeyFolder, _ session: Session) async throws(Failure) -> Edited

    /// What the operator has to know besides, once the running master has read the files.
    func remark(_ session: Session) async -> String?
}

/// What a change came to.
struct Edited {
    /// What was done.
    let text: String
    /// Whether a key was taken away: a master that did not read the files still takes it.
    var isRefusing = false
}

extension KeyEdit {
    func remark(_ session: Session) async -> String? { nil }

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let folder = try keys.folder()
        let lock = try await FolderLock(folder.path, pause: session.pause)
        let edited: Edited
        do throws(Failure) {
            edited = try await edit(folder, session)
        } catch {
            lock.release()
            throw error
        }
        lock.release()
        return await reloaded(edited, session)
    }

    /// What was done, and whether the running master took it.
    private func reloaded(_ edited: Edited, _ session: Session) async -> Outcome {
        let done = edited.text
        let warning = edited.isRefusing ? "The key may still be in force. " : ""
        do {
            guard let refused = try await session.master.reload().refused else {
                let remark = await remark(session)
                return Outcome(
                    output: "\(done)\nThe master has read it.\n",
                    complaint: remark.map { "poise: \($0)\n" } ?? "")
            }
            return Outcome(
                output: "\(done)\n",
                complaint:
                    "poise: the master has not taken it: \(printable(refused)). \(warning)See "
                    + "`poise check`; then: systemctl reload poise-master\n",
                status: .configurationInvalid)
        } catch {
            guard !error.isAbsence else {
                return Outcome(
                    output: "\(done)\nNo master answers on \(printable(session.master.socket)); it "
                        + "reads this when it starts. If one runs: systemctl reload poise-master\n")
            }
            return Outcome(
                output: "\(done)\n",
                complaint: error.outcome.complaint
                    + "poise: nobody knows whether the master has read it. \(warning)Tell it by: "
                    + "systemctl reload poise-master\n",
                status: .masterUnreachable)
        }
    }
}
