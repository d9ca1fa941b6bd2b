"""The settings of an installation, from the environment; each has a default that works on one machine."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

from pydantic import Field, IPvAnyAddress
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
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
    database_url: str | None = None
    """SQLAlchemy address of the records; SQLite below `data_dir` unless set."""
    engine_url: str = "http://127.0.0.1:5005"
    """Where Rasa listens; set by the supervisor."""
    actions_port: int = Field(default=5055, ge=1, le=65535)
    """The loopback port of the action webhook; set by the supervisor."""
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
    frame_ancestors: str = Field(default="*", pattern=r"^[^;,\s]+( [^;,\s]+)*$")
    """Which pages may show the chat window in a frame, as in the policy of that name."""
    trusted_proxies: int = Field(default=0, ge=0)
    """How many proxies of ours stand in front and add to X-Forwarded-For."""
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
    def database(self) -> str:
        """The address of the records' database."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data / 'assistant.db'}"

    @property
    def shows_metrics(self) -> bool:
        """Whether /metrics answers on the public port."""
        return self.host.is_loopback if self.public_metrics is None else self.public_metrics

    @property
    def tracker_file(self) -> Path:
        """Rasa's own record of conversations."""
        return self.data / "tracker.db"
