"""The settings of an installation, from the environment; each has a default that works on one machine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, IPvAnyAddress, SecretStr, StringConstraints, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from bot.node import node_of
from bot.settings_files import SettingsWithFiles

ROOT = Path(__file__).resolve().parent.parent

Mailbox = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]+@[A-Za-z0-9.-]+$")]
"""An address of ours: ASCII, and without the plus sign that a letter's token is put after."""
_PROVIDER = r"^(https://[^/\s?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?)(/[^\s?#]*)?$"
"""Reached by HTTPS, but for one on this machine."""
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$")]


LogFormat = Literal["json", "plain"]


class Settings(SettingsWithFiles):
    """Read once at start; a value that does not fit is refused with its name. docs/settings.md lists them."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    host: IPvAnyAddress = IPv4Address("127.0.0.1")
    """The address the public port listens on; 0.0.0.0 for all."""
    port: int = Field(default=8080, ge=1, le=65535)
    """The public port."""
    data_dir: Path = Path("var")
    """Everything written at run time."""
    models_dir: Path | None = None
    """Trained models; `models` below `data_dir` unless set."""
    models_record: Path | None = None
    """The record of the models that were built here, by their hashes; beside the models unless set."""
    database_url: str | None = None
    """Address of the records and of Rasa's own, `postgresql://…`; SQLite below `data_dir` unless set."""
    contact_keys_file: Path | None = None
    """The keys that contact data is sealed with; made below `data_dir` unless set."""
    redis_url: SecretStr | None = None
    """Address of a Redis, `redis://…`, where several machines count the limits and keep Rasa's locks together."""
    broker_url: SecretStr | None = None
    """Address of an AMQP broker, `amqp://…`, that Rasa's events go by; they go by the database unless set."""
    node_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,36}$")] | None = None
    """What this machine is called among several at one database; made up at the first start unless set."""
    engine_url: str = "http://127.0.0.1:5005"
    """Where Rasa listens; set by the supervisor."""
    engine_url_green: str | None = None
    """Where a second engine listens, on the model that is about to be published; set by the supervisor."""
    engine_token: Annotated[SecretStr, Field(min_length=32)] | None = None
    """By which the desk and the engine know each other, on loopback too; the supervisor makes one unless set."""
    actions_port: int = Field(default=5055, ge=1, le=65535)
    """The loopback port of the action webhook; set by the supervisor."""
    unmasked_days: int = Field(default=30, ge=1)
    """How long a conversation is kept as it was written, from when it was opened."""
    record_days: int = Field(default=365, ge=1)
    """How long a turn is kept in the record, with personal data masked."""
    conversation_days: int = Field(default=30, ge=1)
    """How long a conversation's token opens it."""
    answer_seconds: float = Field(default=2.5, gt=0)
    """How long a client is kept waiting for an answer before it is told to come back."""
    engine_seconds: float = Field(default=30, gt=0)
    """How long the engine may take over one message before it counts as failed."""
    limit_conversation: str = "600/minute"
    """Messages in one conversation."""
    limit_address: str = "6000/minute"
    """Messages from one address: a whole conference hall may share one."""
    limit_openings: str = "1200/minute"
    """Conversations opened from one address."""
    limit_refusals: str = "600/minute"
    """Calls from one address with a token that opens nothing, after which the next are told 429; who has a token that
    opens is never refused by it."""
    streams_conversation: int = Field(default=8, ge=1)
    """Calls that may wait at once for what is said next in one conversation: its open windows."""
    streams_address: int = Field(default=3000, ge=1)
    """The same from one address: a whole conference hall may share one."""
    connections: int = Field(default=8000, ge=10)
    """Connections to the public port, all together."""
    connections_address: int = Field(default=4000, ge=1)
    """Connections from one address, where no proxy of ours stands in front."""
    frame_ancestors: str = Field(default="*", pattern=r"^[^;,\s]+( [^;,\s]+)*$")
    """Which pages may show the chat window in a frame, as in the policy of that name."""
    trusted_proxies: int = Field(default=0, ge=0)
    """How many proxies of ours stand in front and add to X-Forwarded-For."""
    log_format: LogFormat | None = None
    """How our processes write their logs; plain on a terminal and JSON elsewhere unless set."""
    public_metrics: bool | None = None
    """Whether /metrics answers on the public port; unless set, only where that port is on loopback."""

    @property
    def data(self) -> Path:
        """`data_dir` as an absolute path; a relative one counts from the repository."""
        return self.data_dir if self.data_dir.is_absolute() else ROOT / self.data_dir

    @property
    def models(self) -> Path:
        """The folder of trained models, absolute."""
        chosen = self.models_dir or self.data / "models"
        return chosen if chosen.is_absolute() else ROOT / chosen

    @property
    def node(self) -> str:
        """Which of several machines this is."""
        return self.node_name or node_of(self.data)

    @property
    def database(self) -> str:
        """The address of the records' database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data / 'assistant.db'}"

    @property
    def is_shared(self) -> bool:
        """Whether other machines may be at the same records."""
        return self.database.startswith("postgres")

    @property
    def shows_metrics(self) -> bool:
        """Whether /metrics answers on the public port."""
        return self.host.is_loopback if self.public_metrics is None else self.public_metrics

    @property
    def tracker_file(self) -> Path:
        """Rasa's own record of conversations."""
        return self.data / "tracker.db"

    @property
    def spool_file(self) -> Path:
        """Rasa's events, until the record has them."""
        return self.data / "spool.db"


class HandoffSettings(SettingsWithFiles):
    """Mail, and how long a person may take. What is missing keeps letters waiting, or has them written to files."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    address_focal_point: Address | None = None
    """Where questions to the focal point go."""
    address_global_challenges: Address | None = None
    """Where questions on trilateral cooperation go."""
    address_arbitration_and_mediation_center: Address | None = None
    """Where questions on dispute services go."""
    answers_from: Annotated[tuple[str, ...], NoDecode] = ()
    """Who may answer beside those addresses: addresses, or domains as `@example.org`, with spaces between."""

    mail_from: Mailbox | None = None
    """The address that letters come from."""
    reply_address: Mailbox | None = None
    """The mailbox that replies come to, at this address with `+` and the letter's token; `mail_from` unless set."""
    smtp_host: str | None = None
    """The mail server that takes letters; without one they are written to `outbox` below `data_dir`."""
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_seconds: float = Field(default=60, gt=0)
    """How long the server may take to let us in, and over one letter."""
    mail_authorities: Path | None = None
    """Certificates (PEM) of the authorities that vouch for the mail servers; the system's unless set."""
    retry_seconds: float = Field(default=60, gt=0)
    """The wait before the second attempt; it doubles up to six hours."""
    delivery_days: float = Field(default=4, gt=0)
    """How long a letter is tried before it has failed."""

    imap_host: str | None = None
    """The server of the mailbox that replies come to."""
    imap_port: int | None = Field(default=None, ge=1, le=65535)
    imap_security: Literal["tls", "none"] = "tls"
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_folder: str = "INBOX"
    imap_seconds: float = Field(default=60, gt=0)
    """How often the mailbox is looked into where the server does not tell by itself."""
    imap_done_folder: str | None = None
    """Where mail goes once it is kept; it stays where it came, marked as seen, unless set."""
    imap_done_days: float = Field(default=30, ge=0)
    """After which it is deleted there; 0 deletes it as soon as it is kept."""
    lmtp_host: IPvAnyAddress = IPv4Address("127.0.0.1")
    lmtp_port: int | None = Field(default=None, ge=1, le=65535)
    """Where a mail server may hand replies over by LMTP; not offered unless set."""
    largest_message: int = Field(default=25 * 1024 * 1024, ge=1024)
    """Bytes of a message, its attachments included, that is kept."""
    aside_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Bytes kept of a message that belongs to no case, or that a machine sent."""
    aside_total: int = Field(default=256 * 1024 * 1024, ge=1024)
    """Bytes kept of all that is no answer and no follow-up."""
    aside_days: float = Field(default=90, gt=0)
    """How long mail that was set aside is kept."""

    answer_days: int = Field(default=5, ge=1)
    """Working days within which the delegate is told to expect an answer."""
    remind_days: int = Field(default=3, ge=1)
    """Working days after which the contact is reminded, once."""
    closed_on: Annotated[tuple[date, ...], NoDecode] = ()
    """Days on which the seat is closed beside weekends and public holidays, as 2026-12-24, with spaces between."""
    draft_hours: float = Field(default=24, gt=0)
    """After which a form that nobody submitted expires."""
    close_days: float = Field(default=30, gt=0)
    """After which an answered case is closed."""
    expire_days: float = Field(default=180, gt=0)
    """After which an unanswered case expires."""
    case_days: float = Field(default=730, gt=0)
    """After which a case that is closed, expired or withdrawn is erased, with its letters and mail."""
    confirmations_a_day: int = Field(default=5, ge=0)
    """Confirmations to one mail account in a day."""
    limit_cases_conversation: str = "5/hour"
    """Cases in one conversation."""
    limit_cases_client: str = "60/hour"
    """Cases from one client's address: a whole conference hall may share one."""
    limit_cases_address: str = "20/day"
    """Cases whose answer goes to one mail account."""
    limit_cases: str = "300/hour"
    """Cases altogether: more than that, no person could answer."""

    @field_validator("answers_from", "closed_on", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("answers_from")
    @classmethod
    def _addresses_or_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if one.count("@") != 1 or one.endswith("@"):
                raise ValueError(f"{one} is neither an address nor a domain; write a domain as @example.org")
        return value

    @model_validator(mode="after")
    def _another_folder(self) -> Self:
        if self.imap_done_folder == self.imap_folder:
            raise ValueError("IMAP_DONE_FOLDER must not be IMAP_FOLDER; leave it unset to have mail stay where it came")
        return self

    def address_of(self, contact: str) -> str | None:
        """Where letters to this contact go."""
        address: str | None = getattr(self, f"address_{contact}", None)
        return address

    @property
    def replies_to(self) -> str | None:
        """The mailbox that replies come to."""
        return self.reply_address or self.mail_from

    def missing(self, contacts: Iterable[str]) -> list[str]:
        """What a complete handoff still needs, one sentence for each thing."""
        lacking = [f"ADDRESS_{contact.upper()} is not set: cases for {contact} stay queued." for contact in contacts
                   if self.address_of(contact) is None]  # fmt: skip
        if self.smtp_host is None:
            lacking.append(
                "SMTP_HOST is not set: letters are written to the folder outbox below DATA_DIR and reach nobody."
            )
        elif self.mail_from is None:
            lacking.append("MAIL_FROM is not set: letters stay queued.")
        if self.imap_host is None and self.lmtp_port is None:
            lacking.append("Neither IMAP_HOST nor LMTP_PORT is set: answers by e-mail do not come in.")
        if self.lmtp_port is not None and self.replies_to is None:
            lacking.append(
                "LMTP_PORT is set, and neither REPLY_ADDRESS nor MAIL_FROM: nothing can be addressed to us, and nothing"
                " is taken over LMTP."
            )
        return lacking


class ConsoleSettings(SettingsWithFiles):
    """The staff's pages: where browsers find them, how long a session lasts, and who else vouches for people."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    console_address: Annotated[str, StringConstraints(pattern=r"^https?://[^/\s?#@]+$")] | None = None
    """The service's own address as browsers see it, as https://help.example.org; what they ask for unless set."""
    console_idle_minutes: float = Field(default=60, gt=0)
    """After which a session that nobody used is over."""
    console_session_hours: float = Field(default=12, gt=0)
    """After which any session is over."""
    setup_hours: float = Field(default=72, gt=0)
    """How long the link works by which a password is chosen."""
    oidc_issuer: Annotated[str, StringConstraints(pattern=_PROVIDER)] | None = None
    """The OpenID provider's issuer; with it, accounts made for it sign in there."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    """Not needed by providers that take public clients: PKCE is used either way."""
    oidc_claim: str = "email"
    """The claim that holds the account's name; an `email` counts only where the provider has verified it."""
    oidc_seconds: float = Field(default=10, gt=0)
    """How long the provider may take over one answer."""

    @property
    def secure(self) -> bool:
        """Whether browsers come by HTTPS, so that cookies are kept from anything else."""
        return (self.console_address or "").startswith("https://")

    @property
    def has_openid(self) -> bool:
        """Whether one can sign in at an OpenID provider."""
        return bool(self.oidc_issuer and self.oidc_client_id)

    def missing(self, *, loopback: bool) -> list[str]:
        """What the staff's pages still need, one sentence for each thing; `loopback`: only this machine reaches us."""
        lacking = []
        if not self.secure and not loopback:
            lacking.append(
                "CONSOLE_ADDRESS is not set to an https:// address: the staff's passwords may travel unencrypted."
            )
        if bool(self.oidc_issuer) != bool(self.oidc_client_id):
            lacking.append("Of OIDC_ISSUER and OIDC_CLIENT_ID only one is set: nobody can sign in by OpenID Connect.")
        return lacking


class ReviewSettings(SettingsWithFiles):
    """The review queue: what enters it, and how many must agree."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    review_decisions: int = Field(default=1, ge=1, le=2)
    """How many reviewers must decide alike before it is settled."""
    review_sample: float = Field(default=0.02, ge=0, le=1)
    """The share of typed messages drawn at random, from which is told how often we are right."""
    review_low_confidence: float = Field(default=0.5, ge=0, le=1)
    """The confidence below which an answer is looked at."""
