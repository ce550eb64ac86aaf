/** Which state directory each project of this user is deployed from. */
export interface ProjectRegistry {
  /**
   * Says that the project is deployed from this state directory, whose lab record is saved by now. Throws
   * KMK_FOREIGN_PROJECT naming the folder while another state directory has a lab of that project.
   */
  claim(project: string): Promise<void>;
  /** Takes the claim back; no-op where another state directory holds it. */
  release(project: string): Promise<void>;
}
